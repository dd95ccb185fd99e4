"""The first steps."""

import pytest

from mediant.errors import Invalid, Refused
from mediant.jobs.job import NewJob
from mediant.settings import Settings
from mediant.settings.stored import StoredSettings
from mediant.subtitles.setup import Setup, SetupStatus, Standalone

RULE = {"name": "Japanese to Spanish", "audio_language_is": "jpn", "target_language": "spa"}


@pytest.fixture
def setup(house):
    return Setup(house.stored, house.keys, house.queue)


def section(house):
    return house.stored.current().subtitles


def test_standalone_writes_everything_at_once(house, setup, tmp_path):
    assert setup.status() == SetupStatus(is_first_run=True, is_completed=False)
    gone = str(tmp_path / "not there yet")
    wish = Standalone(
        [str(tmp_path), gone],
        [RULE, {"target_language": "ger", "name": None}],
        workers=2,
        worker_type="GPU",
        interval_minutes=90,
    )
    first, second = setup.standalone(wish)
    assert first.rule.conditions.file_extension == (".mkv", ".mp4", ".avi")
    assert (first.rule.priority, first.rule.action.job_priority) == (10, 5)
    assert second.rule.name == "Rule 2"
    now = section(house)
    assert now.library_paths == [str(tmp_path), gone]
    assert (now.worker_auto_start_count, now.worker_auto_start_type) == (2, "gpu")
    assert now.scanner_schedule_interval_minutes == 90
    assert now.scanner_enabled
    assert now.auto_scan_enabled
    assert setup.status() == SetupStatus(is_first_run=False, is_completed=True)
    assert house.keys.get("library_paths").updated_at is not None
    scan = house.scan()
    assert (scan.paths, scan.missing) == ((str(tmp_path),), (gone,))


@pytest.mark.parametrize(
    "wish",
    [
        Standalone([]),
        Standalone(["media"]),
        Standalone(["/media"], workers=11),
        Standalone(["/media"], worker_type="abacus"),
        Standalone(["/media"], interval_minutes=0),
        Standalone(["/media"], interval_minutes=10_081),
        Standalone(["/media"], [{"name": "x"}]),
        Standalone(["/media"], [RULE, RULE | {"target_language": "klingonish"}]),
    ],
)
def test_what_makes_no_sense_writes_nothing(house, setup, wish):
    with pytest.raises(Invalid):
        setup.standalone(wish)
    assert house.rules.list_rules() == []
    assert setup.status().is_first_run


def test_a_taken_rule_name_writes_nothing(house, setup):
    house.rules.create(RULE)
    with pytest.raises(Refused):
        setup.standalone(Standalone(["/media"], [RULE | {"name": "new"}, RULE]))
    assert len(house.rules.list_rules()) == 1
    assert section(house).library_paths == []


def test_bazarr_slave_makes_a_key(house, setup):
    key = setup.bazarr_slave()
    now = section(house)
    assert len(key) == 43
    assert now.bazarr_api_key.get_secret_value() == key
    assert (now.operation_mode, now.bazarr_provider_enabled) == (["bazarr_slave"], True)
    assert (now.scanner_enabled, now.setup_completed) == (False, True)
    assert now.provider_timeout_seconds == 3500
    assert setup.bazarr_slave() != key


def test_skipping_changes_nothing_else(house, setup):
    setup.skip()
    assert setup.status() == SetupStatus(is_first_run=False, is_completed=True)
    assert section(house).model_copy(update={"setup_completed": False}) == type(section(house))()


def test_a_job_ends_the_first_run(house, setup):
    house.queue.enqueue(NewJob("transcribe", {"path": "/a.mkv"}))
    assert setup.status() == SetupStatus(is_first_run=False, is_completed=False)


def with_modes(house, modes):
    """The settings and the setup of a server that starts with these modes in its file."""
    file = Settings().config_dir / "mediant.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"subtitles:\n  operation_mode: {modes}\n")
    stored = StoredSettings(house.database)
    return stored, Setup(stored, house.keys, house.queue)


def test_modes_of_the_file_are_kept(house):
    stored, setup = with_modes(house, "[standalone, provider]")
    setup.bazarr_slave()
    now = stored.current().subtitles
    assert now.operation_mode == ["standalone", "provider"]
    assert now.scanner_enabled
    assert now.bazarr_provider_enabled
    assert "operation_mode" not in stored.read()["subtitles"]  # the file goes on to decide


def test_standalone_of_the_file_stays_beside_bazarr(house):
    stored, setup = with_modes(house, "standalone")
    setup.bazarr_slave()
    now = stored.current().subtitles
    assert now.operation_mode == ["standalone", "bazarr_slave"]
    assert now.scanner_enabled


def test_several_modes_are_kept_and_one_is_replaced(house, setup):
    house.set(operation_mode=["standalone", "provider"])
    setup.bazarr_slave()
    assert section(house).operation_mode == ["standalone", "provider"]
    house.set(operation_mode=["provider"])
    setup.standalone(Standalone(["/media"]))
    assert section(house).operation_mode == ["standalone"]
    setup.bazarr_slave()
    assert section(house).operation_mode == ["bazarr_slave"]
    assert not section(house).scanner_enabled
