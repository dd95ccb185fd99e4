"""The words of `transcriptorio`: times, stages, numbers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.families.transcriptorio.family import moment
from mediant.api.families.transcriptorio.translate import (
    STAGES,
    percent,
    seat_id,
    stage_of,
    whole_seconds,
    worker_id,
)
from mediant.jobs.job import JobState
from mediant.subtitles.transcribe.stages import DETECTION_SPANS, SPANS
from mediant.subtitles.workers import SpeechWorker


@given(st.floats(0, 4e9))
def test_times_are_utc_in_whole_seconds_without_offset(epoch_s: float) -> None:
    told = moment(epoch_s)
    assert told is not None
    assert len(told) == len("2025-01-12T10:00:00")
    read = datetime.fromisoformat(told)
    assert read.tzinfo is None
    assert read.replace(tzinfo=UTC).timestamp() == int(epoch_s)


def test_a_time_that_has_not_come_is_null() -> None:
    assert moment(None) is None


@given(st.sampled_from(JobState), st.one_of(st.none(), st.sampled_from(sorted(STAGES)), st.text()))
def test_a_stage_is_always_one_of_the_documents(state: JobState, stage: str | None) -> None:
    assert stage_of(state, stage) in STAGES


def test_every_stage_of_ours_is_one_of_the_documents() -> None:
    assert {*SPANS, *DETECTION_SPANS} <= STAGES


@given(st.floats(allow_nan=False))
def test_progress_stays_within_a_hundred(fraction: float) -> None:
    assert 0.0 <= percent(fraction) <= 100.0
    assert isinstance(percent(fraction), float)


@given(st.one_of(st.none(), st.floats(-1e6, 1e9)))
def test_a_guess_is_never_too_short(seconds: float | None) -> None:
    told = whole_seconds(seconds)
    if seconds is None:
        assert told is None
    else:
        assert told is not None
        assert told >= max(0.0, seconds)
        assert told - max(0.0, seconds) <= 1


@pytest.mark.parametrize(
    ("number", "is_gpu", "name"), [(1, False, "worker-cpu-0"), (3, True, "worker-gpu-2")]
)
def test_workers_count_from_zero(number: int, is_gpu: bool, name: str) -> None:
    worker = SpeechWorker(
        "speech-1", number, is_gpu, None, None, "idle", None, None, 0, 0, 0.0, None
    )
    assert worker_id(worker) == name


@pytest.mark.parametrize(
    ("seat", "told"),
    [
        ("speech-1", "worker-cpu-0"),
        ("speech-12", "worker-cpu-11"),
        ("speech-gpu-1", "worker-gpu-0"),
        ("detect-1", "detect-1"),
        ("speech-0", "speech-0"),
    ],
)
def test_a_worker_that_is_gone_keeps_its_id(seat: str, told: str) -> None:
    """A finished job tells the id that it told while it ran."""
    assert seat_id(seat) == told
