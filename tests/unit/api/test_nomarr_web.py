"""The pure parts of `nomarr-web`: frames, words, settings."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.families.nomarr_web import config_keys, translate
from mediant.api.families.nomarr_web.live import JOBS, JobStates, Ring, wants
from mediant.api.families.nomarr_web.translate_music import calibrated_out
from mediant.api.families.nomarr_web.wire import ProcessIn
from mediant.errors import Invalid
from mediant.jobs.job import JobState
from mediant.settings import Settings
from mediant.settings.names import list_names


def _job(number: int) -> dict[str, object]:
    return {"id": number, "path": "/m/a.mp3", "status": "done", "error": None}


@given(
    moves=st.lists(st.booleans(), max_size=60),
    size=st.integers(1, 20),
    stops=st.lists(st.integers(0, 60), max_size=5),
)
def test_whoever_comes_back_gets_each_event_once_or_is_told_to_begin_anew(moves, size, stops):
    """Frames of events between frames of states, in a ring of any size."""
    ring, events = Ring(100, size), []
    for number, is_event in enumerate(moves):
        if is_event:
            events.append(101 + number)
            ring.add(JOBS, _job(number), 101 + number)
        else:
            ring.add("queue:status", {"pending": number}, ring.position)
    for stop in stops:
        found = ring.events_after(100 + stop)
        wanted = [one for one in events if one > 100 + stop]
        if found is not None:
            assert [frame.position for frame in found] == wanted
        else:
            assert 100 + stop > ring.position or len(moves) > size


@given(frames=st.integers(0, 50), size=st.integers(1, 20), behind=st.integers(0, 50))
def test_a_slow_listener_gets_all_that_follows_or_learns_that_it_cannot(frames, size, behind):
    ring = Ring(0, size)
    for number in range(frames):
        ring.add(JOBS, _job(number), number + 1)
    number = max(0, frames - behind)
    found = ring.after(number)
    if frames - number <= size:
        assert found is not None
        assert [one.number for one in found] == list(range(number + 1, frames + 1))
    else:
        assert found is None


def test_the_states_of_jobs_stay_few_and_keep_what_runs():
    states = JobStates()
    states.replace([{**_job(1), "status": "running"}])
    for number in range(2, 1000):
        states.note(_job(number))
    shown = list(states)
    assert [one["id"] for one in shown] == [1, *range(975, 1000)]


def test_a_job_that_was_removed_before_it_was_told_of_is_not_shown():
    states = JobStates()
    for state in (_job(1), _job(2), {**_job(1), "path": None}, {**_job(3), "path": None}):
        states.note(state)
    assert [one["id"] for one in states] == [2]


@pytest.mark.parametrize(
    ("patterns", "topic", "wanted"),
    [
        ([], "queue:status", True),
        (["*"], "worker:tag:0:status", True),
        (["queue:*"], "queue:jobs", True),
        (["worker:*:status"], "worker:tag:0:status", True),
        (["worker:*"], "queue:jobs", False),
        (["queue:jobs"], "queue:jobs:many", False),
    ],
)
def test_a_listener_may_want_some_topics_only(patterns, topic, wanted):
    assert wants(patterns, topic) is wanted


def test_the_time_left_is_average_times_pending_over_workers():
    counts = {**dict.fromkeys(JobState, 0), JobState.QUEUED: 10, JobState.CANCELLED: 2}
    status = translate.queue_status("tag", counts, 12.5, 1)
    assert (status["pending"], status["errors"], status["eta"]) == (10, 2, 125.0)
    assert translate.queue_status("tag", counts, 12.5, 5)["eta"] == 25.0
    assert translate.queue_status("tag", counts, None, 1)["eta"] is None
    assert translate.queue_status("tag", counts, 12.5, 0)["eta"] is None


def test_the_average_moves_a_fifth_of_the_way():
    assert translate.average_s(None, 4.0) == 4.0
    assert translate.average_s(10.0, 5.0) == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("lane", "name", "component"),
    [("cpu", "cpu-1", "worker:tag:0"), ("io", "io-3", "worker:library:2")],
)
def test_workers_have_this_familys_names(lane, name, component):
    assert translate.component_of(lane, name) == component


def test_every_key_is_a_setting_that_can_be_changed():
    assert {key.setting for key in config_keys.KEYS.values()} <= set(list_names())
    assert set(config_keys.show_all(Settings())) == set(config_keys.KEYS)


@given(name=st.sampled_from(sorted(config_keys.KEYS)), text=st.text())
def test_any_text_is_a_value_or_refused(name, text):
    with suppress(Invalid):
        config_keys.parse_value(name, text)


@given(name=st.sampled_from(sorted(config_keys.KEYS)))
def test_what_is_shown_can_be_stored_again(name):
    key, settings = config_keys.KEYS[name], Settings()
    shown = config_keys.show_all(settings)[name]
    assert config_keys.parse_value(name, shown) == config_keys.value_of(settings, key)


@pytest.mark.parametrize(
    ("given_", "paths"),
    [
        ({"path": " /m/a.mp3 "}, ["/m/a.mp3"]),
        ({"paths": "/m/a.mp3"}, ["/m/a.mp3"]),
        ({"paths": ["/m/a.mp3", " "]}, ["/m/a.mp3"]),
    ],
)
def test_paths_are_read_leniently(given_, paths):
    assert ProcessIn.model_validate(given_).paths == paths


def test_a_calibration_without_enough_scores_says_how_much_there_was():
    result = {"version": None, "file_count": 45, "heads_skipped": ["a:tags", "b:tags"]}
    told = calibrated_out(None, result)
    assert (told.version, told.library_size, told.heads) == (None, 45, {})
    assert (told.summary.total_heads, told.summary.completed_heads) == (2, 0)
