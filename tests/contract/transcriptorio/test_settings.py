"""Settings: what the documents leave open, and what programs before did wrong."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

CATEGORIES = {
    "general",
    "workers",
    "transcription",
    "subtitles",
    "skip",
    "scanner",
    "bazarr",
    "advanced",
}
TOUCHED = (
    "worker_cpu_count",
    "skip_unknown_language",
    "preferred_audio_languages",
    "whisper_model",
)


@pytest.fixture
def settings(visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client; what these tests change is taken back."""
    yield visitor
    for key in (*TOUCHED, "custom_setting"):
        visitor.delete(f"/api/settings/{key}")


def _value(client: httpx2.Client, key: str) -> str:
    return str(client.get(f"/api/settings/{key}").raise_for_status().json()["value"])


def _put(client: httpx2.Client, key: str, value: Any) -> httpx2.Response:
    return client.put(f"/api/settings/{key}", json={"value": value})


def test_values_are_texts_and_ids_stay(settings: httpx2.Client) -> None:
    listed = settings.get("/api/settings").json()
    assert {one["category"] for one in listed} == CATEGORIES
    assert all(isinstance(one["value"], str) for one in listed)
    assert {one["value_type"] for one in listed} <= {
        "string",
        "integer",
        "boolean",
        "float",
        "list",
    }
    assert all(one["description"] for one in listed)
    assert len({one["id"] for one in listed}) == len(listed) == len({one["key"] for one in listed})
    assert settings.get("/api/settings").json() == listed


def test_a_category_filters(settings: httpx2.Client) -> None:
    everything = settings.get("/api/settings").json()
    for category in CATEGORIES:
        found = settings.get("/api/settings", params={"category": category}).json()
        assert found == [one for one in everything if one["category"] == category] != []
    assert settings.get("/api/settings", params={"category": "colours"}).json() == []


def test_a_change_is_seen_at_once(settings: httpx2.Client) -> None:
    before = settings.get("/api/settings/worker_cpu_count").json()
    after = _put(settings, "worker_cpu_count", "2").json()
    assert (before["value"], after["value"]) == ("0", "2")
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert after["updated_at"] is not None
    assert settings.get("/api/settings/worker_cpu_count").json() == after


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("skip_unknown_language", "YES", "true"),
        ("skip_unknown_language", True, "true"),
        ("skip_unknown_language", "off", "false"),
        ("worker_cpu_count", 3, "3"),
        ("preferred_audio_languages", "jpn|eng", "jpn,eng"),
        ("preferred_audio_languages", "jpn, eng", "jpn,eng"),
        ("preferred_audio_languages", ["jpn", "eng"], "jpn,eng"),
    ],
)
def test_values_are_read_leniently(
    settings: httpx2.Client, key: str, value: Any, shown: str
) -> None:
    assert _put(settings, key, value).json()["value"] == shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("worker_cpu_count", "many"),
        ("worker_cpu_count", "-1"),
        ("worker_cpu_count", "1.5"),
        ("skip_unknown_language", "perhaps"),
        ("transcribe_device", "tpu"),
        ("concurrent_transcriptions", "0"),
        ("api_port", "9000"),
        ("scanner_scan_count", "3"),
        ("scanner_cron", "every day"),
        ("subtitle_language_naming_type", "ISO"),
    ],
)
def test_a_senseless_value_is_refused(settings: httpx2.Client, key: str, value: str) -> None:
    before = _value(settings, key)
    answer = _put(settings, key, value)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert key in answer.json()["detail"]
    assert _value(settings, key) == before


def test_an_unknown_key_is_not_found(settings: httpx2.Client) -> None:
    assert settings.get("/api/settings/colour").status_code == 404
    assert _put(settings, "colour", "red").status_code == 404
    assert settings.delete("/api/settings/colour").status_code == 404
    assert settings.get("/api/settings/colour").status_code == 404


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {"a": 1}}, [1]])
def test_a_value_is_needed(settings: httpx2.Client, body: Any) -> None:
    assert settings.put("/api/settings/worker_cpu_count", json=body).status_code == 400


def test_a_setting_of_ones_own(settings: httpx2.Client) -> None:
    wish = {"key": "custom_setting", "value": "4", "category": "mine", "value_type": "integer"}
    made = settings.post("/api/settings", json=wish)
    assert (made.status_code, made.json()["value"]) == (201, "4")
    assert settings.post("/api/settings", json=wish).status_code == 409
    assert settings.post("/api/settings", json={**wish, "key": "whisper_model"}).status_code == 409
    assert [one["key"] for one in settings.get("/api/settings?category=mine").json()] == [
        "custom_setting"
    ]
    assert _put(settings, "custom_setting", "four").status_code == 400
    assert _put(settings, "custom_setting", "5").json()["value"] == "5"
    gone = settings.delete("/api/settings/custom_setting")
    assert gone.json() == {"message": "Setting 'custom_setting' deleted successfully"}
    assert settings.get("/api/settings/custom_setting").status_code == 404


@pytest.mark.parametrize(
    "wish", [{}, {"key": ""}, {"key": "custom_setting", "value": "x", "value_type": "colour"}]
)
def test_a_senseless_setting_is_refused(settings: httpx2.Client, wish: dict[str, str]) -> None:
    assert settings.post("/api/settings", json=wish).status_code == 400


def test_deleting_a_key_of_ours_gives_its_default(settings: httpx2.Client) -> None:
    default = _value(settings, "whisper_model")
    _put(settings, "whisper_model", "tiny").raise_for_status()
    settings.delete("/api/settings/whisper_model").raise_for_status()
    assert _value(settings, "whisper_model") == default == "medium"


def test_many_are_changed_or_none(settings: httpx2.Client) -> None:
    good = {"worker_cpu_count": "2", "whisper_model": "tiny"}
    bad = {**good, "colour": "red", "skip_unknown_language": "perhaps"}
    refused = settings.post("/api/settings/bulk-update", json={"settings": bad})
    assert refused.status_code == 400
    assert all(key in refused.json()["detail"] for key in ("colour", "skip_unknown_language"))
    assert (_value(settings, "worker_cpu_count"), _value(settings, "whisper_model")) == (
        "0",
        "medium",
    )
    done = settings.post("/api/settings/bulk-update", json={"settings": good})
    assert done.json() == {"message": "Updated 2 settings successfully"}
    assert (_value(settings, "worker_cpu_count"), _value(settings, "whisper_model")) == (
        "2",
        "tiny",
    )
    for body in ({}, {"settings": None}, {"settings": ["a"]}):
        assert settings.post("/api/settings/bulk-update", json=body).status_code == 400


def test_defaults_change_nothing_that_is_set(settings: httpx2.Client) -> None:
    _put(settings, "worker_cpu_count", "2").raise_for_status()
    before = settings.get("/api/settings").json()
    for _ in range(2):
        settings.post("/api/settings/init-defaults").raise_for_status()
    assert settings.get("/api/settings").json() == before


def test_secrets_are_not_shown(settings: httpx2.Client) -> None:
    _put(settings, "bazarr_api_key", "a-secret-of-bazarr").raise_for_status()
    assert "a-secret-of-bazarr" not in settings.get("/api/settings").text
    assert "a-secret-of-bazarr" not in settings.get("/api/settings/bazarr_api_key").text
    settings.delete("/api/settings/bazarr_api_key").raise_for_status()


def test_the_address_is_the_real_one(settings: httpx2.Client) -> None:
    shown = {key: _value(settings, key) for key in ("api_host", "api_port")}
    assert shown["api_host"]
    assert shown["api_port"].isdigit()
