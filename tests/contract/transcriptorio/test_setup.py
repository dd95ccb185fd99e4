"""The setup: open until it is done, and whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.house import server_environ

from mediant.testing.server import RunningServer, running_server

RULE = {"target_language": "spa", "audio_language_is": "jpn"}


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that nobody has used."""
    with running_server(tmp_path / "config", server_environ()) as server:
        yield server


@pytest.fixture
def anyone(fresh: RunningServer) -> Iterator[httpx2.Client]:
    """Somebody without a key."""
    with fresh.client(None) as client:
        yield client


@pytest.fixture
def owner(fresh: RunningServer) -> Iterator[httpx2.Client]:
    """Somebody with the admin's key."""
    with fresh.client() as client:
        yield client


def _settings(client: httpx2.Client) -> dict[str, str]:
    return {one["key"]: one["value"] for one in client.get("/api/settings").json()}


def test_the_first_setup_needs_no_key(
    tmp_path: Path, anyone: httpx2.Client, owner: httpx2.Client
) -> None:
    before = anyone.get("/api/setup/status").json()
    assert before == {"is_first_run": True, "setup_completed": False}
    wrong = {"Authorization": "Bearer wrong"}
    assert anyone.get("/api/setup/status", headers=wrong).status_code == 401
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert anyone.post("/api/setup/skip", headers=foreign).status_code == 403
    folders = [str(tmp_path / "one"), str(tmp_path / "later")]
    body = {
        "library_paths": folders,
        "scan_rules": [RULE, {**RULE, "name": "Named", "priority": 2, "quality_preset": "best"}],
        "worker_config": {"count": 0, "type": "CPU"},
        "scanner_config": {"interval_minutes": 720},
    }
    done = anyone.post("/api/setup/standalone", json=body)
    assert done.json() == {
        "success": True,
        "message": "Standalone mode configured successfully",
        "bazarr_info": None,
    }
    _check_closed(anyone, body)
    after = owner.get("/api/setup/status").json()
    assert after == {"is_first_run": False, "setup_completed": True}
    _check_stored(owner, folders)
    _check_rules(owner)


def _check_closed(anyone: httpx2.Client, body: dict[str, Any]) -> None:
    """Nobody sets it up a second time without a key."""
    calls = ("GET", "status"), ("POST", "standalone"), ("POST", "bazarr-slave"), ("POST", "skip")
    for method, path in calls:
        assert anyone.request(method, f"/api/setup/{path}", json=body).status_code == 401


def _check_stored(owner: httpx2.Client, folders: list[str]) -> None:
    stored = _settings(owner)
    expected = {
        "operation_mode": "standalone",
        "library_paths": ",".join(folders),
        "scanner_enabled": "true",
        "scanner_schedule_interval_minutes": "720",
        "worker_auto_start_count": "0",
        "worker_auto_start_type": "cpu",
        "setup_completed": "true",
    }
    assert {key: stored[key] for key in expected} == expected


def _check_rules(owner: httpx2.Client) -> None:
    plain, named = sorted(owner.get("/api/scan-rules").json(), key=lambda one: one["id"])
    assert (plain["name"], plain["priority"]) == ("Rule 1", 10)
    assert plain["conditions"]["file_extension"] == ".mkv,.mp4,.avi"
    assert plain["action"] == {
        "action_type": "transcribe",
        "target_language": "spa",
        "quality_preset": "fast",
        "job_priority": 5,
    }
    assert (named["name"], named["priority"]) == ("Named", 2)
    assert named["action"]["quality_preset"] == "best"


def test_a_used_server_is_not_set_up_by_strangers(
    anyone: httpx2.Client, owner: httpx2.Client, tmp_path: Path
) -> None:
    """Also one that was used for music only."""
    (tmp_path / "music").mkdir()
    body = {"name": "Music", "root_path": str(tmp_path / "music")}
    owner.post("/api/v2/libraries", json=body).raise_for_status()
    assert anyone.get("/api/setup/status").status_code == 401
    assert anyone.post("/api/setup/bazarr-slave").status_code == 401
    assert owner.get("/api/setup/status").json()["setup_completed"] is False


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ({"library_paths": []}, 400),
        ({"library_paths": None}, 400),
        ({"scan_rules": [RULE, {"audio_language_is": "jpn"}]}, 400),
        ({"scan_rules": [{**RULE, "audio_language_is": "nonsense"}]}, 400),
        ({"scan_rules": [{**RULE, "name": "Taken"}]}, 409),
        ({"scan_rules": [{**RULE, "name": "Twin"}, {**RULE, "name": "Twin"}]}, 409),
        ({"worker_config": {"count": 11}}, 400),
        ({"worker_config": {"count": -1}}, 400),
        ({"worker_config": {"type": "tpu"}}, 400),
        ({"scanner_config": {"interval_minutes": 0}}, 400),
        ({"scanner_config": {"interval_minutes": 10_081}}, 400),
    ],
)
def test_a_senseless_setup_writes_nothing(
    owner: httpx2.Client, part: dict[str, Any], status: int
) -> None:
    taken = {"name": "Taken", "action": {"target_language": "spa"}}
    owner.post("/api/scan-rules", json=taken).raise_for_status()
    before = _settings(owner), owner.get("/api/scan-rules").json()
    body = {"library_paths": ["/media"], "scan_rules": [RULE], **part}
    answer = owner.post("/api/setup/standalone", json=body)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert (_settings(owner), owner.get("/api/scan-rules").json()) == before
    assert owner.get("/api/setup/status").json()["setup_completed"] is False


def test_bazarr_gets_a_key_of_its_own(fresh: RunningServer, owner: httpx2.Client) -> None:
    told = owner.post("/api/setup/bazarr-slave").raise_for_status().json()["bazarr_info"]
    assert told["mode"] == "bazarr_slave"
    assert f"http://{told['host']}:{told['port']}" == fresh.url
    assert len(told["api_key"]) >= 43
    assert told["provider_url"] == f"{fresh.url}/provider/{told['api_key']}"
    stored = _settings(owner)
    expected = {
        "operation_mode": "bazarr_slave",
        "bazarr_provider_enabled": "true",
        "scanner_enabled": "false",
        "setup_completed": "true",
        "provider_timeout_seconds": "3500",
    }
    assert {key: stored[key] for key in expected} == expected
    again = owner.post("/api/setup/bazarr-slave").raise_for_status().json()["bazarr_info"]
    assert again["api_key"] != told["api_key"]
    assert told["api_key"] not in owner.get("/api/settings").text


def test_the_setup_can_be_skipped(anyone: httpx2.Client, owner: httpx2.Client) -> None:
    before = _settings(owner)
    assert anyone.post("/api/setup/skip").json() == {"message": "Setup wizard skipped"}
    assert _settings(owner) == {**before, "setup_completed": "true"}
    assert anyone.get("/api/setup/status").status_code == 401
