"""`mediant calibrate`, without a server of its own kind."""

from pathlib import Path

import numpy as np
import pytest
from tests.integration.cli.shell import Shell

from mediant.store import open_database
from mediant.store.migrate import upgrade
from mediant.testing.scores import add_head, add_library, add_tracks

ON = {
    "MEDIANT_CALIBRATION__CALIBRATE_HEADS": "true",
    "MEDIANT_CALIBRATION__MIN_SAMPLES": "100",
    "MEDIANT_JOBS__CPU_WORKERS": "0",
}


def fill(config_dir: Path, tracks: int = 300) -> None:
    """A database with a library of tagged tracks."""
    config_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(f"sqlite:///{config_dir / 'mediant.db'}")
    upgrade(database, config_dir / "backups")
    scores = np.random.default_rng(1).uniform(0.1, 0.6, (tracks, 2)).astype(np.float32)
    head_id = add_head(database, ("effnet", "mood_happy"), ["happy", "non_happy"])
    add_tracks(database, add_library(database), {head_id: scores})
    database.close()


@pytest.fixture
def calibrating(tmp_path: Path, environ: dict[str, str]) -> Shell:
    """Commands on a small tagged library, with calibration switched on."""
    fill(tmp_path / "config")
    return Shell(tmp_path / "config", {**environ, **ON})


def test_run_status_and_history(calibrating: Shell) -> None:
    before = calibrating.well("calibrate", "status")
    assert "built-in spans" in before.err
    done = calibrating.well("calibrate", "run")
    assert "mood_happy" in done.out
    assert "Run 1 over 300 files: 0 heads are stable, 1 are not." in done.err
    again = calibrating.well("calibrate", "run", "--json").json()
    assert again["job"]["result"]["stable_heads"] == 1
    assert again["run"]["version"] == 2
    assert again["run"]["heads"][0]["drift"]["bands"]["jsd"] == "excellent"
    status = calibrating.well("calibrate", "status", "--json").json()
    assert status["global_version"] == again["run"]["global_version"]
    assert status["libraries"][0]["outdated_count"] == 300
    history = calibrating.well("calibrate", "history", "--json").json()["items"]
    assert [one["version"] for one in history] == [2, 1]
    assert "mood_happy" in calibrating.well("calibrate", "history", "--head", "mood_happy").out
    assert calibrating.well("calibrate", "history", "--head", "x", "--json").json()["items"] == []
    files = calibrating.config_dir / "calibration" / "effnet"
    assert {one.name for one in files.iterdir()} == {
        "mood_happy-calibration.json",
        "mood_happy-calibration-v1.json",
        "mood_happy-calibration-v2.json",
    }


def test_too_few_scores_are_told_and_are_no_failure(tmp_path, environ) -> None:
    fill(tmp_path / "config", tracks=99)
    shell = Shell(tmp_path / "config", {**environ, **ON})
    assert (
        "No head has enough scores yet: 99 files are tagged." in shell.well("calibrate", "run").err
    )


def test_switched_off_is_refused_with_the_remedy(shell: Shell) -> None:
    done = shell("calibrate", "run")
    assert (done.code, done.out) == (4, "")
    assert "calibration.enabled" in done.complaint()
    assert "Set `calibration.enabled` to true" in done.complaint()
    assert "switched off" in shell.well("calibrate", "status").err
