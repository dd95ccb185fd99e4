"""Health, facts and findings of an application that is really open."""

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from mediant.app import App, open_app
from mediant.errors import Invalid, NotFound
from mediant.models.catalog import CATALOG
from mediant.models.network_recipe import graph_path
from mediant.store.schema_jobs import job
from mediant.system.doctor import (
    Finding,
    Patient,
    check_clock,
    check_free_space,
    check_zone,
    examine,
)
from mediant.system.info import list_devices


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Without workers: nothing runs, everything can be asked."""
    with _open(config_dir=tmp_path / "config") as app:
        yield app


def _open(**overrides: Any) -> AbstractContextManager[App]:
    return open_app(overrides, works=False)


def _patient(app: App) -> Patient:
    return Patient(app.settings, app.stored, app.database, app.models, app.library)


def _by_check(app: App) -> dict[str, Finding]:
    return {finding.check: finding for finding in app.system.doctor()}


def test_an_application_that_does_not_work_says_so(app: App) -> None:
    health = app.system.health()
    assert (health.status, health.is_ready) == ("degraded", False)
    assert any("dispatcher" in problem for problem in health.problems)
    assert any("models pull" in problem for problem in health.problems)


def test_health_never_raises(app: App) -> None:
    with app.database.write() as tx:
        tx.exec_driver_sql("DROP TABLE job_count")
    health = app.system.health()
    assert (health.status, health.is_database_open) == ("unhealthy", False)


def test_the_doctor_finds_what_a_new_installation_lacks(app: App) -> None:
    found = _by_check(app)
    assert found["config folder"].level == found["database"].level == "ok"
    assert (found["models"].level, found["libraries"].level) == ("error", "warning")
    assert all(one.remedy for one in found.values() if one.level == "error")


def test_the_doctor_finds_an_unmounted_library(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    app.library.add_library("Music", folder)
    assert _by_check(app)["library Music"].level == "ok"
    shutil.rmtree(folder)
    found = _by_check(app)["library Music"]
    assert (found.level, found.asset) == ("error", str(folder))


def test_the_doctor_finds_a_full_disk(app: App) -> None:
    jobs = app.settings.jobs.model_copy(update={"free_space_mb": 1 << 40})
    settings = app.settings.model_copy(update={"jobs": jobs})
    (found,) = check_free_space(replace(_patient(app), settings=settings))
    assert found.level == "error"


def test_the_doctor_looks_at_the_space_of_folders_that_are_written(
    app: App, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("read", "written", "videos")]
    for folder in folders:
        folder.mkdir()
    app.library.add_library("Read", folders[0])
    app.library.add_library("Written", folders[1], write_mode="full")
    paths = [str(folders[2]), str(tmp_path / "gone")]
    app.stored.change({"subtitles.library_paths": paths})
    found = [one for one in app.system.doctor() if one.check == "free space"]
    places = [str(app.settings.config_dir), str(folders[1]), str(folders[2])]
    assert [one.asset for one in found] == places


def test_the_doctor_tells_what_the_last_scan_could_not_read(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    entry = app.library.add_library("Music", folder)
    job_id = app.library.scan(entry.id).job_id
    result = {"unread": 12, "unread_paths": ["closed (Permission denied)"]}
    with app.database.write() as tx:
        row = update(job).where(job.c.id == job_id)
        tx.execute(row.values(state="done", result=json.dumps(result)))
    found = [one for one in app.system.doctor() if one.check == "library Music"]
    assert [one.level for one in found] == ["ok", "warning"]
    assert "closed (Permission denied) and 11 more" in found[1].text
    assert f"mediant scan {entry.id}" in str(found[1].remedy)


def test_the_doctor_finds_a_line_of_the_file_that_is_beaten(tmp_path: Path) -> None:
    (tmp_path / "mediant.yaml").write_text("subtitles:\n  operation_mode: [standalone, provider]\n")
    with _open(config_dir=tmp_path) as app:
        assert _by_check(app)["settings"].level == "ok"
        app.stored.change({"subtitles.operation_mode": "provider"})
        found = _by_check(app)["settings"]
        assert (found.level, found.asset) == ("warning", "setting subtitles.operation_mode")
        assert "mediant settings reset subtitles.operation_mode" in str(found.remedy)
        app.stored.change({"subtitles.operation_mode": "standalone, provider"})
        assert _by_check(app)["settings"].level == "ok"


def test_the_doctor_finds_a_clock_that_was_set_back(app: App) -> None:
    with app.database.write() as tx:
        tx.exec_driver_sql("INSERT INTO event (ts, topic, payload) VALUES (9e9, 'x', '{}')")
    (found,) = check_clock(_patient(app))
    assert found.level == "error"


def test_a_check_that_fails_is_a_finding(app: App) -> None:
    with app.database.write() as tx:
        tx.exec_driver_sql("DROP TABLE event")
    (found,) = [one for one in examine(_patient(app)) if one.check == "clock"]
    assert found.level == "error"


def test_facts_hold_no_secret(tmp_path: Path) -> None:
    with _open(config_dir=tmp_path / "config", api_key="a-secret-key-0123456") as app:
        info = app.system.info()
    assert info.database.startswith("SQLite 3")
    assert "a-secret-key" not in repr(info)


def test_devices_are_those_that_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "dri").mkdir()
    (tmp_path / "dri" / "renderD128").touch()
    (tmp_path / "nvidia0").touch()
    (tmp_path / "nvidiactl").touch()
    assert list_devices(tmp_path)[1:] == ["nvidia0", "renderD128"]


def test_a_pull_is_a_job_and_only_one(app: App) -> None:
    first, second = app.system.pull_models(), app.system.pull_models(["msd-musicnn"])
    assert (first.created, second.created) == (True, False)
    assert app.queue.get_job(first.job_id).kind == "models.pull"


def test_a_removed_model_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    graph = graph_path(folder, CATALOG["msd-musicnn"])
    graph.parent.mkdir(parents=True)
    graph.touch()
    graph.with_suffix(".json").touch()
    with _open(config_dir=tmp_path / "config", models_dir=folder) as app:
        app.system.remove_model("msd-musicnn")
        assert not graph.exists()
        (told,) = app.history.after(0, ["models.changed"])
        assert told.payload == {"removed": ["msd-musicnn"]}
        with pytest.raises(NotFound):
            app.system.remove_model("msd-musicnn")


def test_the_doctor_tells_the_time_zone_of_cron_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _open(config_dir=tmp_path / "a", timezone="Asia/Kolkata") as app:
        (found,) = check_zone(_patient(app))
    assert found.level == "ok"
    assert "Asia/Kolkata" in found.text
    assert "+0530" in found.text
    monkeypatch.setenv("TZ", "CET-1CEST")
    with _open(config_dir=tmp_path / "b") as app:
        (found,) = check_zone(_patient(app))
        assert app.schedules.zone == "UTC"
    assert (found.level, found.remedy is not None) == ("warning", True)


def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(Invalid, match="Mars/Base"),
        _open(config_dir=tmp_path, timezone="Mars/Base"),
    ):
        pass
