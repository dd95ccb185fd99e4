"""Cron lines in real time zones, on the days on which their clocks are changed and on others."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.jobs.schedule import find_next

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
    "America/Havana", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca", "America/Nuuk",
)  # fmt: skip


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def fired(cron: str, zone: str, begin: str, end: str) -> list[str]:
    """What a schedule does between two moments: where it fires, on the clocks of its zone."""
    at, last, found = epoch(begin), epoch(end), []
    while (at := find_next(cron, zone, at)) <= last:
        found.append(datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%dT%H:%M%z"))
        at += 0.4  # the dispatcher looks a little later
    return found


SPRING = ("2026-03-28T12:00+01:00", "2026-03-30T12:00+02:00")
AUTUMN = ("2026-10-24T12:00+02:00", "2026-10-26T12:00+01:00")


@pytest.mark.parametrize(
    ("cron", "days", "expected"),
    [
        # A skipped hour: once, when the clocks go on.
        ("30 2 * * *", SPRING, ["29T03:00+0200", "30T02:30+0200"]),
        ("10,30,50 2 * * *", SPRING,
         ["29T03:00+0200", "30T02:10+0200", "30T02:30+0200", "30T02:50+0200"]),
        ("0 2,3 * * *", SPRING, ["29T03:00+0200", "30T02:00+0200", "30T03:00+0200"]),
        ("15 30 2 * * *", SPRING, ["29T03:00+0200", "30T02:30+0200"]),
        ("0 5 * * *", SPRING, ["29T05:00+0200", "30T05:00+0200"]),
        # A doubled hour: the first time.
        ("30 2 * * *", AUTUMN, ["25T02:30+0200", "26T02:30+0100"]),
        ("15 30 2 * * *", AUTUMN, ["25T02:30+0200", "26T02:30+0100"]),
        ("0 2,3 * * *", AUTUMN,
         ["25T02:00+0200", "25T03:00+0100", "26T02:00+0100", "26T03:00+0100"]),
        # A star goes by the time that passes.
        ("0 */6 * * *", ("2026-10-25T00:00+02:00", "2026-10-25T12:00+01:00"),
         ["25T06:00+0100", "25T12:00+0100"]),
        ("30 * * * *", ("2026-10-25T01:00+02:00", "2026-10-25T03:00+01:00"),
         ["25T01:30+0200", "25T02:30+0200", "25T02:30+0100"]),
        ("30 * * * *", ("2026-03-29T01:00+01:00", "2026-03-29T04:00+02:00"),
         ["29T01:30+0100", "29T03:30+0200"]),
    ],
)  # fmt: skip
def test_days_on_which_the_clocks_are_changed(
    cron: str, days: tuple[str, str], expected: list[str]
) -> None:
    assert fired(cron, "Europe/Berlin", *days) == expected


def test_what_begins_in_the_second_pass_of_an_hour_does_not_come_at_once() -> None:
    second_pass = epoch("2026-10-25T02:15+01:00")
    following = epoch("2026-10-26T02:30+01:00")
    assert find_next("30 2 * * *", "Europe/Berlin", second_pass) == following


@pytest.mark.parametrize("cron", ["*/15 * * * *", "0 12 * * *"])
def test_a_moment_that_is_almost_there_is_not_passed_over(cron: str) -> None:
    noon = epoch("2026-03-28T12:00Z")
    assert find_next(cron, "UTC", math.nextafter(noon, 0.0)) == noon


def test_half_hours_and_midnights_are_skipped_as_well() -> None:
    lord_howe = fired("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00Z", "2026-10-04T20:00Z")
    assert lord_howe == ["04T02:30+1100", "05T02:15+1100"]
    cairo = fired("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00Z", "2026-04-25T12:00Z")
    assert cairo == ["24T01:00+0300", "25T00:00+0300"]


def test_a_zone_without_a_name_is_refused() -> None:
    with pytest.raises(Invalid, match="Mars/Base"):
        find_next("0 2 * * *", "Mars/Base", 0.0)


moments = st.floats(epoch("2020-01-01T00:00Z"), epoch("2030-12-31T00:00Z"))
hours, minutes = st.integers(0, 23), st.integers(0, 59)


@given(moments, st.sampled_from(ZONES), minutes, hours)
def test_a_daily_line_comes_once_for_each_day_of_the_wall(
    after: float, zone: str, minute: int, hour: int
) -> None:
    line, place = f"{minute} {hour} * * *", ZoneInfo(zone)
    found = [find_next(line, zone, after)]
    while len(found) < 5:
        found.append(find_next(line, zone, found[-1] + 0.3))
    assert found[0] > after
    days = [datetime.fromtimestamp(at, place).date() for at in found]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    for at in found:
        shown = datetime.fromtimestamp(at, place)
        assert shown.fold == 0
        # Where the clocks do not show the time, it is the first minute that they do show after it.
        assert (shown.hour, shown.minute) == (hour, minute) or _was_skipped(at, minute, hour, place)


def _was_skipped(at: float, minute: int, hour: int, place: ZoneInfo) -> bool:
    wished = datetime.fromtimestamp(at, place).replace(hour=hour, minute=minute, tzinfo=None)
    before = datetime.fromtimestamp(at - 60, place).replace(tzinfo=None)
    return before < wished < datetime.fromtimestamp(at, place).replace(tzinfo=None)


LINES = (
    "*/15 * * * *",
    "0 */6 * * *",
    "5 4 * * 1",
    "0 0 1 * *",
    "30 1,2,3 * * 0",
    "*/7 30 2 * * *",
)


@given(moments, st.sampled_from(ZONES), st.sampled_from(LINES))
def test_time_only_goes_on(after: float, zone: str, line: str) -> None:
    first = find_next(line, zone, after)
    second = find_next(line, zone, first)
    assert after < first < second
    # What lies between is not named by the line: asked later, the answer is the same.
    between = min((after + first) / 2, math.nextafter(first, 0.0))
    assert find_next(line, zone, between) == first
