"""Health, facts and findings of an application that is really open."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mediant.app import App, open_app
from mediant.errors import NotFound
from mediant.models.catalog import CATALOG
from mediant.models.network_recipe import graph_path
from mediant.system.doctor import Finding, Patient, check_clock, check_free_space, examine
from mediant.system.info import list_devices


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Without workers: nothing runs, everything can be asked."""
    with _open(config_dir=tmp_path / "config") as app:
        yield app


def _open(**overrides: Any) -> AbstractContextManager[App]:
    return open_app(overrides, works=False)


def _patient(app: App) -> Patient:
    return Patient(app.settings, app.database, app.models, app.library)


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
