"""One whole way through the family: log in, tag, calibrate, tag again, look at the file."""

from pathlib import Path

import httpx2
import pytest
from tests.contract.house import House, furnish, server_environ

from mediant.testing.server import running_server
from mediant.testing.wishes import wait_until_idle

CALIBRATING = {
    "MEDIANT_CALIBRATION__ENABLED": "true",
    "MEDIANT_CALIBRATION__MIN_SAMPLES": "1",
    "MEDIANT_TAGGING__WRITE_MODE": "full",
}


@pytest.mark.models
def test_from_the_login_to_the_tags_of_this_library(tmp_path: Path) -> None:
    with running_server(tmp_path / "config", server_environ(**CALIBRATING)) as server:
        house = furnish(tmp_path, server)
        with house.stranger() as stranger:
            login = stranger.post("/web/auth/login", json={"password": server.password}).json()
        with house.client(login["token"]) as client:
            _walk(client, house)
            client.post("/web/auth/logout").raise_for_status()
            assert client.get("/web/api/list").status_code == 401


def _walk(client: httpx2.Client, house: House) -> None:
    song = str(house.music / "Artist/Album/01 one.mp3")
    one = client.post("/api/v1/tag", json={"path": song, "force": True}).json()
    assert (one["status"], one["path"]) == ("done", song)
    rest = client.post("/web/api/batch-process", json={"paths": [str(house.music)]}).json()
    assert [bool(result.get("error")) for result in rest["results"]] == [False] * 3
    raw = _show(client, song)
    run = client.post("/admin/calibration/run").json()
    assert run["heads"][0]["file_count"] == 3
    assert client.post("/admin/calibration/retag-all").json()["enqueued"] == 3
    wait_until_idle(client)
    tuned = _show(client, song)
    report = client.get("/api/v2/tagging/track", params={"path": song}).json()
    moods = [name for name in tuned["tags"] if name.startswith("mood-")]
    assert {name: report["tags"][name] for name in moods} == {n: tuned["tags"][n] for n in moods}
    assert raw["tags"].keys() - set(moods) <= tuned["tags"].keys()
    jobs = client.get("/list").json()
    assert jobs["counts"]["error"] == jobs["counts"]["pending"] == 0


def _show(client: httpx2.Client, path: str) -> dict:
    told: dict = client.get("/web/api/show-tags", params={"path": path}).raise_for_status().json()
    return told
