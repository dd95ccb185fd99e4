"""`/api/v2/subtitles`: what it takes, what it answers, who may ask."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import House

from mediant.testing.videos import Sound, Text, VideoFactory
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_for

ROOM = "/api/v2/subtitles"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return VideoFactory(tmp_path).video("Film.mkv", [Sound("jpn")], [Text("eng")])


def _check(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    return problem


def test_a_job_is_made_looked_at_cancelled_and_retried(client: httpx2.Client, film: Path) -> None:
    client.post("/api/v2/jobs/pause", json={"scope": "lane:speech"}).raise_for_status()
    try:
        body = {"path": str(film), "target": "es", "preset": "best", "priority": 7}
        made = client.post(f"{ROOM}/transcribe", json=body)
        assert made.status_code == 202
        job = made.json()
        assert made.headers["location"] == f"/api/v2/jobs/{job['id']}"
        assert (job["state"], job["target_language"], job["priority"]) == ("queued", "spa", 7)
        twin = _check(client.post(f"{ROOM}/transcribe", json=body), 409, "already_queued")
        assert f"Job {job['id']} " in twin["detail"]
        assert client.get(f"{ROOM}/jobs/{job['uuid']}").json() == job
        page = client.get(f"{ROOM}/jobs", params={"state": "queued"}).json()
        assert job["id"] in [one["id"] for one in page["jobs"]]
        _check(client.post(f"{ROOM}/jobs/{job['id']}/retry"), 409, "refused")
        assert client.post(f"{ROOM}/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
        _check(client.post(f"{ROOM}/jobs/{job['id']}/cancel"), 409, "refused")
        heard = client.post(f"{ROOM}/detect", json={"path": str(film)}).json()
        assert heard["job_type"] == "language_detection"
        client.post(f"{ROOM}/jobs/{heard['id']}/cancel").raise_for_status()
    finally:
        client.post("/api/v2/jobs/resume", json={"scope": "lane:speech"}).raise_for_status()
    _check(client.get(f"{ROOM}/jobs/987654321"), 404, "not_found")
    assert client.delete(f"{ROOM}/jobs").json().keys() == {"removed"}


def test_a_missing_file_is_a_failed_job(client: httpx2.Client) -> None:
    body = {"path": "/nowhere/Film.mkv", "target": "eng"}
    job = client.post(f"{ROOM}/transcribe", json=body).json()
    assert (job["state"], job["error"]) == ("failed", "File not found: /nowhere/Film.mkv")


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "nonsense"},
        {"path": "relative.mkv"},
        {"preset": "slow"},
        {"form": "doc"},
        {"track": -1},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_400(client: httpx2.Client, wrong: dict[str, Any]) -> None:
    body = {"path": "/nowhere/Film.mkv", "target": "eng"} | wrong
    _check(client.post(f"{ROOM}/transcribe", json=body), 400, "invalid")


def test_rules_come_and_go(client: httpx2.Client, film: Path) -> None:
    body = {"name": "v2", "target_language": "fre", "audio_language_is": "ja", "priority": 99}
    made = client.post(f"{ROOM}/rules", json=body)
    assert made.status_code == 201
    rule = made.json()
    address = made.headers["location"]
    assert (rule["action"]["target_language"], rule["conditions"]["audio_language_is"]) == (
        "fra", "jpn",
    )  # fmt: skip
    _check(client.post(f"{ROOM}/rules", json=body), 409, "refused")
    seen = client.post(f"{ROOM}/analyze", json={"path": str(film)}).json()
    assert (seen["rule"], seen["job"]) == ("v2", "transcribe")
    assert [one["language"] for one in seen["embedded"]] == ["eng"]
    changed = client.patch(address, json={"audio_language_is": None, "is_enabled": False}).json()
    assert (changed["conditions"]["audio_language_is"], changed["is_enabled"]) == (None, False)
    assert client.get(address).json() == changed
    assert changed in client.get(f"{ROOM}/rules").json()["items"]
    assert client.delete(address).status_code == 204
    _check(client.get(address), 404, "not_found")


def test_a_scan_is_a_job_with_counts(client: httpx2.Client, film: Path) -> None:
    wish = client.post(f"{ROOM}/scans", json={"paths": [str(film.parent)]}).json()
    assert wait_for(client, wish["job_id"])["state"] == "done"
    scan = client.get(f"{ROOM}/scans/{wish['job_id']}").json()
    assert (scan["scanned"], scan["paths"]) == (1, [str(film.parent)])
    _check(client.get(f"{ROOM}/scans/987654321"), 404, "not_found")


def test_settings_act_at_once(client: httpx2.Client) -> None:
    def speech() -> list[str]:
        items = client.get("/api/v2/workers").json()["items"]
        return [one["name"] for one in items if one["lane"] == "speech"]

    entries = client.get(f"{ROOM}/settings").json()["items"]
    assert {"worker_cpu_count", "whisper_model"} <= {one["key"] for one in entries}
    assert client.patch(f"{ROOM}/settings", json={"worker_cpu_count": 2}).json() == {"changed": 1}
    wait_until(lambda: speech() == ["speech-1", "speech-2"])
    client.patch(f"{ROOM}/settings", json={"worker_cpu_count": 0}).raise_for_status()
    _check(client.patch(f"{ROOM}/settings", json={"worker_cpu_count": "many"}), 400, "invalid")


def test_a_worker_may_be_on_a_gpu_that_is_not_there(client: httpx2.Client) -> None:
    body = {"lane": "speech", "device": "cuda:99"}
    name = client.post("/api/v2/workers", json=body).json()["name"]
    items = client.get("/api/v2/workers").json()["items"]
    worker = next(one for one in items if one["name"] == name)
    assert (worker["state"], worker["pid"], worker["device"]) == ("error", None, "cuda:99")
    assert "no GPU 99" in worker["fault"]
    assert client.delete(f"/api/v2/workers/{name}").status_code == 204


def test_who_may_ask_for_what(
    house: House, client: httpx2.Client, stranger: httpx2.Client, film: Path
) -> None:
    assert stranger.get(f"{ROOM}/jobs").status_code == 401
    body = {"name": "hearer", "scopes": ["jobs"]}
    key = client.post("/api/v2/keys", json=body).raise_for_status().json()["key"]
    with house.server.client(key) as hearer:
        beside = {"path": str(house.music / "nowhere.mkv"), "target": "eng"}
        assert hearer.post(f"{ROOM}/transcribe", json=beside).status_code == 202
        for more in ({"folder": "/tmp"}, {"overwrite": True}):
            _check(hearer.post(f"{ROOM}/transcribe", json=beside | more), 403, "forbidden")
        _check(hearer.post(f"{ROOM}/rules", json={"name": "x"}), 403, "forbidden")
        _check(hearer.get(f"{ROOM}/settings"), 403, "forbidden")
