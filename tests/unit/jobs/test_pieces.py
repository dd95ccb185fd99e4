"""Frames, tools, forecasts, cron lines, progress and rows."""

import struct
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from mediant.errors import Invalid, MediaError
from mediant.jobs.forecast import WINDOW_S, forecast
from mediant.jobs.pool.frames import FrameReader, pack
from mediant.jobs.pool.local import describe_exit
from mediant.jobs.progress import TELL_S, Progress
from mediant.jobs.rows import JOB_FIELDS, to_job
from mediant.jobs.schedule import find_next
from mediant.jobs.toolbox import IdleToolbox
from mediant.jobs.worker import describe
from mediant.testing.handlers import PassingError

frames = st.dictionaries(st.text(max_size=8), st.binary(max_size=99) | st.integers(0, 2**60))


@given(st.lists(frames, max_size=8), st.integers(1, 64))
def test_frames_survive_any_cut(sent: list[dict[str, Any]], step: int) -> None:
    data = b"".join(pack(frame) for frame in sent)
    reader = FrameReader()
    cuts = [data[start : start + step] for start in range(0, len(data), step)]
    assert [frame for cut in cuts for frame in reader.feed(cut)] == sent


def test_an_absurd_length_is_refused() -> None:
    with pytest.raises(ValueError, match="frame"):
        FrameReader().feed(struct.pack(">I", 2**32 - 1) + msgpack.packb({}))


class Tool:
    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_tools_are_dropped_when_they_rest() -> None:
    now = [0.0]
    tools = IdleToolbox(lambda: now[0])
    resting = tools.get("resting", Tool, 10.0)
    lasting = tools.get("lasting", Tool)
    assert tools.get("resting", Tool, 10.0) is resting
    assert tools.next_idle_s() == 10.0
    now[0] = 9.0
    assert tools.drop_idle() == []
    tools.touch()
    now[0] = 18.0
    assert tools.drop_idle() == []
    now[0] = 19.0
    assert tools.drop_idle() == ["resting"]
    assert resting.is_closed
    assert not lasting.is_closed
    assert tools.next_idle_s() is None
    assert tools.get("resting", Tool, 10.0) is not resting
    tools.close()
    assert lasting.is_closed


spans = st.lists(
    st.tuples(st.floats(0, 1e6), st.floats(0, 1e4)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=20,
)


@given(
    st.integers(0, 10**9),
    spans,
    st.floats(1e6, 3e6),
    st.lists(st.floats(0, 3e6), max_size=4),
    st.floats(0, 3e6),
)
def test_a_forecast_is_never_absurd(
    left: int, ended: list[tuple[float, float]], now: float, running: list[float], since: float
) -> None:
    seen = forecast(left, ended, now, running=running, since=since)
    assert seen.left == left
    assert seen.rate_per_s is None or seen.rate_per_s > 0
    assert seen.eta_s is None or seen.eta_s >= 0
    assert seen.average_s is None or seen.average_s >= 0
    if left == 0:
        assert seen.eta_s == 0.0


def test_a_forecast_reckons_with_parallel_work() -> None:
    ended = [(n % 5 * 2.0, n % 5 * 2.0 + 2.0) for n in range(10)]
    seen = forecast(30, ended, 10.0)
    assert (seen.rate_per_s, seen.eta_s, seen.average_s) == (1.0, 30.0, 2.0)
    assert forecast(30, ended, 11.0 + WINDOW_S).rate_per_s is None


def test_a_forecast_counts_busy_time_only() -> None:
    before = [(0.0, 10.0), (10.0, 20.0)]
    after = [(500.0, 510.0), (502.0, 512.0)]
    seen = forecast(8, [*before, *after], 512.0)
    assert seen.rate_per_s == pytest.approx(4 / 32)
    assert seen.eta_s == pytest.approx(64.0)
    # Idle for minutes: the figures stay what they were.
    assert forecast(8, [*before, *after], 590.0).rate_per_s == seen.rate_per_s


def test_a_forecast_falls_while_jobs_run_and_none_ends() -> None:
    ended = [(0.0, 10.0)]
    assert forecast(1, ended, 10.0, running=[10.0]).rate_per_s == pytest.approx(0.1)
    assert forecast(1, ended, 40.0, running=[10.0]).rate_per_s == pytest.approx(0.025)


def test_a_forecast_does_not_look_before_the_jobs_it_was_given() -> None:
    ended = [(99.0, 100.0), (100.0, 101.0)]
    seen = forecast(1, ended, 101.0, running=[0.0], since=100.0)
    assert seen.rate_per_s == pytest.approx(2.0)


def test_cron_lines_follow_their_zone() -> None:
    after = datetime(2026, 3, 28, 12, 0, tzinfo=UTC).timestamp()
    zone = ZoneInfo("Europe/Berlin")
    found = datetime.fromtimestamp(find_next("30 3 * * *", "Europe/Berlin", after), zone)
    assert (found.day, found.hour, found.minute) == (29, 3, 30)
    assert find_next("*/5 * * * *", "UTC", after) == after + 300
    with pytest.raises(Invalid):
        find_next("* * * *", "UTC", after)


def test_progress_is_told_a_few_times_a_second() -> None:
    progress = Progress(sqlite.dialect())
    values = dict.fromkeys(JOB_FIELDS, None) | {
        "id": 3, "state": "running", "payload": '{"a": 1}', "cancel": 0, "attempt": 1,
    }  # fmt: skip
    job = to_job([values[name] for name in JOB_FIELDS])
    assert job.payload == {"a": 1}
    assert job.root_id == 3
    for n in range(100):
        progress.hear(job, {"fraction": n / 100, "stage": "s", "eta_s": None})
    (told,) = progress.list_news(10.0)
    assert (told.topic, told.payload["fraction"]) == ("job.progress", 0.99)
    progress.hear(job, {"fraction": 1.0, "stage": "s", "eta_s": None})
    assert progress.list_news(10.0 + TELL_S / 2) == []
    assert len(progress.list_news(10.0 + TELL_S)) == 1
    progress.forget(3)
    assert not progress.is_due(1e9)


def test_errors_are_described_for_the_row() -> None:
    media = describe(MediaError("silent", "Nothing but silence.", asset="a.mp3"))
    assert media == {
        "code": "silent",
        "text": "a.mp3: Nothing but silence.",
        "transient": False,
        "trace": None,
    }
    assert describe(PassingError())["transient"]
    bug = describe(KeyError())
    assert (bug["code"], bug["text"]) == ("internal", "KeyError")
    assert "KeyError" in bug["trace"]


def test_exit_codes_have_words() -> None:
    assert describe_exit(-9) == "signal 9 (SIGKILL)"
    assert describe_exit(3) == "exit code 3"
    assert describe_exit(-200) == "signal 200"
