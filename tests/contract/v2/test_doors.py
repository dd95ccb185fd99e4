"""Schedules, settings, wishes, and who may come in by which name."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest
from tests.contract.house import House, at_rest

from mediant.testing.server import running_server

SCHEDULE = {"name": "nightly", "kind": "scan", "cron": "0 3 29 2 *", "tz": "Europe/Berlin"}
"""Its time, a leap day, does not come while a test runs."""


def test_schedules_come_and_go(house: House, client: httpx2.Client) -> None:
    path = "/api/v2/jobs/schedules"
    made = client.post(path, json=SCHEDULE)
    assert (made.status_code, made.headers["location"]) == (201, f"{path}/nightly")
    assert client.post(path, json=SCHEDULE).status_code == 409
    assert client.post(path, json={**SCHEDULE, "name": "b", "cron": "x"}).status_code == 400
    assert client.get(path).json()["items"] == [made.json()]
    off = client.patch(f"{path}/nightly", json={"enabled": False})
    assert (off.status_code, off.json()["enabled"]) == (200, False)
    with house.client(_key(client, ["read", "jobs"])) as other:
        assert other.get(path).status_code == 200
        assert other.post(path, json=SCHEDULE).status_code == 403
        assert other.delete(f"{path}/nightly").status_code == 403
    assert client.delete(f"{path}/nightly").status_code == 204
    assert client.delete(f"{path}/nightly").status_code == 404
    assert client.get(path).json()["items"] == []


def test_a_schedule_tells_its_zone_and_its_moments_there(client: httpx2.Client) -> None:
    path = "/api/v2/jobs/schedules"
    told = [
        client.post(path, json={**SCHEDULE, "name": f"zone-{n}", "tz": tz}).json()
        for n, tz in enumerate(("Asia/Kolkata", None))
    ]
    try:
        assert [one["tz"] for one in told] == ["Asia/Kolkata", "UTC"]
        assert told[0]["next_run"].endswith("T03:00:00+05:30")
        assert told[1]["next_run"].endswith(("T03:00:00+00:00", "T03:00:00Z"))
        assert client.get(f"{path}/zone-0").json() == told[0]
    finally:
        for one in told:
            client.delete(f"{path}/{one['name']}")
    assert client.post(path, json={**SCHEDULE, "tz": "Mars/Base"}).status_code == 400


@pytest.mark.parametrize(
    ("environ", "zone"),
    [
        ({"MEDIANT_TIMEZONE": "Asia/Tokyo", "TZ": "America/New_York"}, "Asia/Tokyo"),
        ({"TZ": "America/New_York"}, "America/New_York"),
    ],
)
def test_cron_lines_go_by_the_servers_clock(
    tmp_path: Path, environ: dict[str, str], zone: str
) -> None:
    body = {name: SCHEDULE[name] for name in ("name", "kind", "cron")}
    with running_server(tmp_path, environ) as server, server.client() as client:
        made = client.post("/api/v2/jobs/schedules", json=body).json()
    next_run = datetime.fromisoformat(made["next_run"])
    assert made["tz"] == zone
    assert next_run.hour == 3
    assert next_run.utcoffset() == next_run.astimezone(ZoneInfo(zone)).utcoffset()


def _key(client: httpx2.Client, scopes: list[str]) -> str:
    body = {"name": "other", "scopes": scopes}
    key: str = client.post("/api/v2/keys", json=body).raise_for_status().json()["key"]
    return key


def test_settings_of_subtitles_act_at_once_and_tell_no_secret(client: httpx2.Client) -> None:
    path = "/api/v2/system/settings"
    given = {
        "subtitles.whisper_threads": 7,
        "subtitles.openai_key": "sk-very-secret",
        "media_servers.plex_token": "plex-very-secret",
    }
    answer = client.patch(path, json=given).json()
    assert (sorted(answer["changed"]), answer["restart_needed"]) == (sorted(given), False)
    told = client.get(path)
    assert told.json()["subtitles"]["whisper_threads"] == 7
    assert "very-secret" not in told.text
    client.patch(path, json=dict.fromkeys(given)).raise_for_status()


def test_settings_are_stored_and_told(client: httpx2.Client) -> None:
    path = "/api/v2/system/settings"
    answer = client.patch(path, json={"jobs.drain_s": 3, "tagging.preset": "full"})
    assert answer.json() == {"changed": ["jobs.drain_s"], "restart_needed": True}
    events = client.get("/api/v2/system/settings").json()
    assert "jobs.cpu_workers" in events["locked"]
    refused = client.patch(path, json={"jobs.cpu_workers": 2})
    assert refused.status_code == 409
    assert "MEDIANT_JOBS__CPU_WORKERS" in refused.json()["detail"]
    assert client.patch(path, json={"jobs.colour": 1}).status_code == 400
    assert client.patch(path, json={"tagging.preset": "some"}).status_code == 400
    back = client.patch(path, json={"jobs.drain_s": None})
    assert back.json() == {"changed": ["jobs.drain_s"], "restart_needed": True}


def test_a_wish_for_a_path_goes_first_and_tells_its_jobs(
    house: House, client: httpx2.Client
) -> None:
    with at_rest(client):
        body = {"path": str(house.music / "Artist" / "Album"), "force": True}
        told = client.post("/api/v2/tagging/tag", json=body).json()
        assert [one["job_id"] for one in told["jobs"]] == told["job_ids"]
        for one in told["jobs"]:
            assert not one["follows"]
            job = client.get(f"/api/v2/jobs/{one['job_id']}").json()
            assert (job["state"], job["priority"]) == ("queued", 10)
            client.post(f"/api/v2/jobs/{one['job_id']}/cancel").raise_for_status()


def test_a_page_that_rebinds_its_name_gets_no_key(tmp_path: Path) -> None:
    evil = {
        "Host": "evil.example",
        "Origin": "http://evil.example",
        "Sec-Fetch-Site": "same-origin",
    }
    body = {"name": "stolen", "scopes": ["admin"]}
    with (
        running_server(tmp_path, {"MEDIANT_ACCESS__MODE": "local"}) as server,
        server.client(None) as client,
    ):
        refused = client.post("/api/v2/keys", json=body, headers=evil)
        assert refused.status_code == 401
        assert "access.allowed_hosts" in refused.text
        assert client.get("/api/v2/keys", headers=evil).status_code == 401
        names = [one["name"] for one in client.get("/api/v2/keys").json()["items"]]
        assert "stolen" not in names
