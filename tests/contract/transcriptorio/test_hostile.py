"""What nobody sends by accident: each is answered as the caller's mistake, never as ours."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.contract.transcriptorio.cinema import Cinema

TEXTS = {
    "half a character": "\ud800",
    "a zero character": "/films/\0.mkv",
    "a name too long": "/films/" + "x" * 300 + ".mkv",
    "a path too long": "/x" * 3000 + ".mkv",
    "the home of nobody": "~nobody-of-this-name/x.mkv",
    "a relative path": "x.mkv",
    "a path that climbs": "/films/../../../etc/passwd",
}
TARGET = {"target_lang": "spa"}
BODIES: list[tuple[str, str, Any]] = [
    ("POST", "/api/jobs", lambda text: {"file_path": text, **TARGET}),
    ("POST", "/api/jobs", lambda text: {"file_path": "/films/a.mkv", "target_lang": text}),
    ("POST", "/api/workers", lambda text: {"worker_type": text}),
    ("POST", "/api/scan-rules", lambda text: {"name": "x", "action": {"target_language": text}}),
    ("POST", "/api/scanner/scan", lambda text: {"paths": [text]}),
    ("POST", "/api/scanner/scheduler/start", lambda text: {"paths": [text]}),
    ("POST", "/api/scanner/watcher/start", lambda text: {"paths": [text]}),
    ("POST", "/api/scanner/scheduler/start", lambda text: {"cron_expression": text}),
    ("POST", "/api/scanner/analyze", lambda text: {"file_path": text}),
    ("PUT", "/api/settings/worker_cpu_count", lambda text: {"value": text}),
    ("POST", "/api/settings/bulk-update", lambda text: {"settings": {text: text}}),
    ("POST", "/api/setup/standalone", lambda text: {"library_paths": text}),
]
NO_OBJECTS = ("[]", '"text"', "7", "{", "[" * 5000, '{"a":' * 5000)


@pytest.fixture
def target(cinema: Cinema, visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client; the scanner is at rest afterwards."""
    yield visitor
    visitor.post("/api/scanner/scheduler/stop").raise_for_status()
    visitor.post("/api/scanner/watcher/stop").raise_for_status()


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_a_senseless_text_is_refused(
    target: httpx2.Client, method: str, path: str, body: Any, text: str
) -> None:
    answer = target.request(method, path, content=json.dumps(body(text)))
    if answer.status_code == 201:  # a job for a file that cannot be there
        assert answer.json()["status"] == "failed"
        return
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.status_code != 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("content", NO_OBJECTS)
@pytest.mark.parametrize(("method", "path"), sorted({(method, path) for method, path, _ in BODIES}))
def test_what_is_no_object_is_refused(
    target: httpx2.Client, method: str, path: str, content: str
) -> None:
    answer = target.request(method, path, content=content)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize("text", ["%00", "%ED%A0%80", "..", "%2e%2e%2f", "x" * 5000, "'; --"])
def test_a_senseless_name_in_a_path_is_not_found(target: httpx2.Client, text: str) -> None:
    for path in ("workers", "jobs", "scan-rules", "settings", "system/gpu"):
        answer = target.get(f"/api/{path}/{text}")
        assert answer.status_code in {400, 404}, (path, answer.text)
        assert list(answer.json()) == ["detail"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_no_text_of_a_rule_or_a_setting_breaks_the_lists(
    target: httpx2.Client, cinema: Cinema, text: str
) -> None:
    """It is refused, or shown as it was given."""
    calls = [
        ("POST", "/api/scan-rules", {"name": text, "action": {"target_language": "spa"}}),
        ("POST", "/api/settings", {"key": "mine", "value": text}),
        ("POST", "/api/settings", {"key": text, "value": "x"}),
        ("POST", "/api/settings", {"key": "mine2", "value": "x", "description": text}),
        ("POST", "/api/settings", {"key": "mine3", "value": "x", "category": text}),
        ("PUT", "/api/settings/library_paths", {"value": text}),
        ("PUT", "/api/settings/browse_roots", {"value": text}),
        ("PUT", "/api/settings/subtitle_language_name", {"value": text}),
        ("PUT", "/api/settings/whisper_model", {"value": text}),
        ("PUT", "/api/settings/bazarr_url", {"value": text}),
    ]
    told = [target.request(m, path, content=json.dumps(body)) for m, path, body in calls]
    lists = [
        target.get(path)
        for path in (
            "/api/scan-rules",
            "/api/settings",
            "/api/scanner/status",
            "/api/status",
            "/api/setup/status",
            "/api/filesystem/common-paths",
            "/api/filesystem/browse",
            "/health",
        )
    ]
    _tidy(target, cinema)
    assert all(answer.status_code in {200, 201, 400} for answer in told), [a.text for a in told]
    assert all(answer.status_code in {200, 400, 403} for answer in lists), [a.text for a in lists]
    assert target.get("/api/settings").status_code == 200


def _tidy(client: httpx2.Client, cinema: Cinema) -> None:
    for rule in client.get("/api/scan-rules").json():
        client.delete(f"/api/scan-rules/{rule['id']}")
    client.post(
        "/api/settings/bulk-update",
        json={"settings": {"library_paths": str(cinema.films), "browse_roots": "/"}},
    ).raise_for_status()
    for key in ("subtitle_language_name", "whisper_model", "bazarr_url", *OWN):
        client.delete(f"/api/settings/{key}")


OWN = ("mine", "mine2", "mine3", "x.mkv")
