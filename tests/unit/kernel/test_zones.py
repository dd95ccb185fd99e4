"""Time zones by name, and those of machines of many kinds."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mediant.errors import Invalid
from mediant.kernel.zones import get_zone, is_zone, machine_zone, server_zone, to_epoch

SYSTEM = Path("/usr/share/zoneinfo")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe", "a\0b", "\udcff"])
def test_what_is_no_zone(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(Invalid, match="time zone"):
        get_zone(name)


@pytest.mark.parametrize(
    ("tz", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("", "UTC"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", None),
    ],
)
def test_the_variable_comes_first(tmp_path: Path, tz: str, name: str | None) -> None:
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert machine_zone(tz, tmp_path) == name


@pytest.mark.parametrize("where", ["/usr/share/zoneinfo", "../usr/share/zoneinfo"])
def test_a_link_tells_the_name(tmp_path: Path, where: str) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (tmp_path / "usr").symlink_to("/usr")
    (etc / "localtime").symlink_to(f"{where}/Australia/Lord_Howe")
    assert machine_zone(None, etc) == "Australia/Lord_Howe"
    assert server_zone("", None, etc) == "Australia/Lord_Howe"
    assert server_zone("Asia/Tokyo", None, etc) == "Asia/Tokyo"


def test_without_a_file_it_is_utc(tmp_path: Path) -> None:
    assert machine_zone(None, tmp_path) == "UTC"


@pytest.mark.skipif(not SYSTEM.is_dir(), reason="this machine keeps no time zones")
def test_a_copied_file_is_known_by_its_content(tmp_path: Path) -> None:
    shutil.copyfile(SYSTEM / "Europe/Berlin", tmp_path / "localtime")
    (tmp_path / "timezone").write_text("Europe/Berlin\n")
    assert machine_zone(None, tmp_path) == "Europe/Berlin"
    (tmp_path / "timezone").write_text("Asia/Tokyo\n")  # left behind by an older set-up
    found = machine_zone(None, tmp_path)
    assert found is not None
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert (
        summer.astimezone(ZoneInfo(found)).utcoffset()
        == summer.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()
    )
    (tmp_path / "localtime").write_bytes(b"TZif of another kind")
    assert machine_zone(None, tmp_path) is None
    assert server_zone("", None, tmp_path) == "UTC"


@pytest.mark.parametrize(
    ("zone", "shown", "utc"),
    [
        ("Europe/Berlin", "2026-03-29T02:30:15", "2026-03-29T01:00:00"),  # skipped
        ("Europe/Berlin", "2026-10-25T02:30:15", "2026-10-25T00:30:15"),  # twice
        ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:30:00"),  # half an hour
        ("Africa/Cairo", "2026-04-24T00:00:00", "2026-04-23T22:00:00"),  # midnight is skipped
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00"),  # a day is skipped
        ("Asia/Kolkata", "2026-01-01T05:30:00", "2026-01-01T00:00:00"),
    ],
)
def test_times_on_the_wall_become_moments(zone: str, shown: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    assert to_epoch(datetime.fromisoformat(shown), get_zone(zone)) == expected
