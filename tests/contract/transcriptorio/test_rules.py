"""Scan rules: what the documents leave open, and what programs before did wrong."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

CONDITIONS = {
    "audio_language_is": "jpn",
    "audio_language_not": "eng,spa",
    "audio_track_count_min": 2,
    "has_embedded_subtitle_lang": "eng",
    "missing_embedded_subtitle_lang": "spa",
    "missing_external_subtitle_lang": "spa",
    "file_extension": ".mkv,.mp4",
}


@pytest.fixture
def rules(visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client of a server without any rule; none is left over."""
    _drop(visitor)
    yield visitor
    _drop(visitor)


def _drop(client: httpx2.Client) -> None:
    for rule in client.get("/api/scan-rules").json():
        client.delete(f"/api/scan-rules/{rule['id']}").raise_for_status()


def _add(client: httpx2.Client, name: str, **more: Any) -> dict[str, Any]:
    wish = {"name": name, "action": {"target_language": "spa"}, **more}
    answer = client.post("/api/scan-rules", json=wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_rule_is_kept_as_it_was_given(rules: httpx2.Client) -> None:
    action = {
        "action_type": "translate",
        "target_language": "spa",
        "quality_preset": "best",
        "job_priority": 9,
    }
    made = _add(rules, "All", priority=4, enabled=False, conditions=CONDITIONS, action=action)
    assert (made["conditions"], made["action"]) == (CONDITIONS, action)
    assert (made["priority"], made["enabled"], made["updated_at"]) == (4, False, None)
    assert rules.get(f"/api/scan-rules/{made['id']}").json() == made


def test_little_is_needed(rules: httpx2.Client) -> None:
    made = _add(rules, "Little")
    assert made["conditions"] == dict.fromkeys(CONDITIONS)
    assert made["action"] == {
        "action_type": "transcribe",
        "target_language": "spa",
        "quality_preset": "fast",
        "job_priority": 0,
    }
    assert (made["enabled"], made["priority"]) == (True, 0)


def test_rules_are_listed_in_the_order_of_asking(rules: httpx2.Client) -> None:
    for name, priority, enabled in (
        ("b", 1, True),
        ("a", 5, False),
        ("c", 1, True),
        ("d", 9, True),
    ):
        _add(rules, name, priority=priority, enabled=enabled)
    assert [one["name"] for one in rules.get("/api/scan-rules").json()] == ["d", "a", "b", "c"]
    enabled_only = rules.get("/api/scan-rules", params={"enabled_only": "true"}).json()
    assert [one["name"] for one in enabled_only] == ["d", "b", "c"]


def test_languages_are_written_in_one_form(rules: httpx2.Client) -> None:
    conditions = {"audio_language_is": "ja", "audio_language_not": "English, ger|fr"}
    made = _add(rules, "Forms", conditions={**conditions, "audio_language_not": "English, ger"})
    assert made["conditions"]["audio_language_is"] == "jpn"
    assert made["conditions"]["audio_language_not"] == "eng,deu"


def test_a_change_touches_what_it_names(rules: httpx2.Client) -> None:
    made = _add(rules, "Part", priority=3, conditions=CONDITIONS)
    path = f"/api/scan-rules/{made['id']}"
    change = {"conditions": {"audio_language_is": None, "audio_track_count_min": 3}}
    after = rules.put(path, json=change).raise_for_status().json()
    expected = {**CONDITIONS, "audio_language_is": None, "audio_track_count_min": 3}
    assert after["conditions"] == expected
    assert (after["name"], after["priority"], after["action"]) == ("Part", 3, made["action"])
    assert after["updated_at"] is not None
    after = rules.put(path, json={"action": {"quality_preset": "best"}}).json()
    assert after["action"] == {**made["action"], "quality_preset": "best"}
    assert after["conditions"] == expected
    nothing = {"conditions": dict.fromkeys(CONDITIONS)}
    after = rules.put(path, json=nothing).raise_for_status().json()
    assert after["conditions"] == dict.fromkeys(CONDITIONS)


@pytest.mark.parametrize(
    "part",
    [
        {"name": ""},
        {"name": None},
        {"priority": "first"},
        {"conditions": {"audio_language_is": "nonsense"}},
        {"conditions": {"audio_language_not": "eng,gibberish"}},
        {"conditions": {"has_embedded_subtitle_lang": "??"}},
        {"conditions": {"audio_track_count_min": "two"}},
        {"conditions": {"audio_track_count_min": -1}},
        {"conditions": "none"},
        {"action": {"target_language": ""}},
        {"action": {"target_language": None}},
        {"action": {"target_language": "qqq"}},
        {"action": {"target_language": "spa", "action_type": "dub"}},
        {"action": {"target_language": "spa", "quality_preset": "superb"}},
        {"action": {"target_language": "spa", "job_priority": 10**9}},
    ],
)
def test_a_senseless_rule_is_refused(rules: httpx2.Client, part: dict[str, Any]) -> None:
    wish = {"name": "Senseless", "action": {"target_language": "spa"}, **part}
    answer = rules.post("/api/scan-rules", json=wish)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert rules.get("/api/scan-rules").json() == []
    made = _add(rules, "Good", conditions=CONDITIONS)
    assert rules.put(f"/api/scan-rules/{made['id']}", json=part).status_code == 400
    assert rules.get(f"/api/scan-rules/{made['id']}").json() == made


def test_a_rule_needs_a_target_and_a_name(rules: httpx2.Client) -> None:
    for wish in (
        {},
        {"name": "x"},
        {"action": {"target_language": "spa"}},
        {"name": "x", "action": {}},
    ):
        assert rules.post("/api/scan-rules", json=wish).status_code == 400


def test_a_name_is_taken_once(rules: httpx2.Client) -> None:
    one, other = _add(rules, "One"), _add(rules, "Other")
    wish = {"name": "One", "action": {"target_language": "fra"}}
    assert rules.post("/api/scan-rules", json=wish).status_code == 409
    assert rules.put(f"/api/scan-rules/{other['id']}", json={"name": "One"}).status_code == 409
    same = rules.put(f"/api/scan-rules/{one['id']}", json={"name": "One", "priority": 2})
    assert (same.status_code, same.json()["priority"]) == (200, 2)


def test_a_rule_is_switched_and_forgotten(rules: httpx2.Client) -> None:
    made = _add(rules, "Switch")
    path = f"/api/scan-rules/{made['id']}"
    assert [rules.post(f"{path}/toggle").json()["enabled"] for _ in range(2)] == [False, True]
    answer = rules.delete(path)
    assert answer.json() == {"message": f"Scan rule {made['id']} deleted successfully"}
    for method, suffix in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/toggle")):
        answer = rules.request(method, path + suffix, json={})
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_an_id_is_a_number(rules: httpx2.Client) -> None:
    for name in ("first", "-1", "9" * 30):
        assert rules.get(f"/api/scan-rules/{name}").status_code in (400, 404)
