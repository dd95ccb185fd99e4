"""Calibration in this family's words."""

from pathlib import Path

import httpx2
import pytest
from tests.contract.house import House, furnish, server_environ

from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server

CALLS = [
    ("POST", "/admin/calibration/run"),
    ("GET", "/admin/calibration/history"),
    ("POST", "/admin/calibration/retag-all"),
]
DRIFT = {"apd_p5", "apd_p95", "srd", "jsd", "median_drift", "iqr_drift"}


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_it_is_403_where_calibrating_is_off(
    client: httpx2.Client, method: str, path: str, prefix: str
) -> None:
    answer = client.request(method, prefix + path)
    assert (answer.status_code, list(answer.json())) == (403, ["detail"])
    assert "calibration.enabled" in answer.json()["detail"]


def test_without_tracks_there_is_nothing_to_calibrate(tmp_path: Path) -> None:
    environ = {"MEDIANT_CALIBRATION__ENABLED": "true"}
    with running_server(tmp_path, environ) as server, server.client() as client:
        told = client.post("/admin/calibration/run").json()
        assert told == {
            "version": None,
            "heads_processed": 0,
            "stable_heads": 0,
            "unstable_heads": 0,
            "heads": [],
        }
        assert client.get("/admin/calibration/history").json() == {"runs": []}
        told = client.post("/admin/calibration/retag-all").json()
        assert told == {"enqueued": 0, "message": "No tagged files found"}


@pytest.mark.models
def test_a_first_run_has_no_drift_and_a_second_of_the_same_has_none_either(tmp_path: Path) -> None:
    environ = server_environ(
        MEDIANT_CALIBRATION__ENABLED="true", MEDIANT_CALIBRATION__MIN_SAMPLES="1"
    )
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        house = furnish(tmp_path, server)
        client.post("/web/api/batch-process", json={"paths": [str(house.music)]})
        first = client.post("/admin/calibration/run").json()
        assert (first["version"], first["stable_heads"]) == (1, 0)
        assert first["heads_processed"] == first["unstable_heads"] == len(first["heads"]) > 0
        for head in first["heads"]:
            assert (head["is_stable"], head["reference_updated"]) == (False, True)
            assert head["drift"] == dict.fromkeys(DRIFT)
            assert head["file_count"] == 3
        second = client.post("/api/v1/admin/calibration/run").json()
        assert (second["version"], second["unstable_heads"]) == (2, 0)
        for head in second["heads"]:
            assert (head["is_stable"], head["reference_updated"]) == (True, False)
            assert set(head["drift"].values()) == {0.0}


@pytest.mark.models
def test_the_history_is_newest_first_and_can_be_narrowed(full: httpx2.Client) -> None:
    for _ in range(2):
        full.post("/admin/calibration/run").raise_for_status()
    path = "/admin/calibration/history"
    runs = full.get(path, params={"limit": 1000}).json()["runs"]
    assert [one["timestamp"] for one in runs] == sorted(
        (one["timestamp"] for one in runs), reverse=True
    )
    assert all(one["range"] == pytest.approx(one["p95"] - one["p5"]) for one in runs)
    one = runs[0]
    query = {"model": one["model_name"], "head": one["head_name"]}
    found = full.get(path, params=query).json()["runs"]
    assert {(run["model_name"], run["head_name"]) for run in found} == {tuple(query.values())}
    assert len({run["version"] for run in found}) == len(found) >= 2
    assert len(full.get(path, params={"limit": 1}).json()["runs"]) == 1
    assert full.get(path, params={"model": "nothing"}).json() == {"runs": []}
    for limit in (0, "x", 10**6):
        assert full.get(path, params={"limit": limit}).status_code == 400


@pytest.mark.models
def test_a_change_of_the_library_is_told_as_drift_and_retagged(
    full: httpx2.Client, full_house: House
) -> None:
    full.post("/admin/calibration/run").raise_for_status()
    noise = MediaFactory(full_house.music).tone("drifting.flac", seconds=12)
    try:
        full.post("/web/api/batch-process", json={"paths": [str(noise)]}).raise_for_status()
        told = full.post("/admin/calibration/run").json()
        assert any(max(head["drift"].values()) > 0 for head in told["heads"])
        wish = full.post("/admin/calibration/retag-all").json()
        tagged = full.get("/api/v2/tagging/counts").json()["counts"]["tagged"]
        assert wish["enqueued"] == tagged > 0
        assert wish["message"] == f"Enqueued {tagged} tagged files for re-tagging"
    finally:
        noise.unlink()


def test_a_paused_calibration_is_503(full: httpx2.Client) -> None:
    full.post("/api/v2/jobs/pause", json={"scope": "kind:calibrate"}).raise_for_status()
    try:
        answer = full.post("/admin/calibration/run")
    finally:
        full.post("/api/v2/jobs/resume", json={"scope": "kind:calibrate"}).raise_for_status()
    assert (answer.status_code, list(answer.json())) == (503, ["detail"])
