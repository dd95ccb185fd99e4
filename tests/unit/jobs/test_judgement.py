"""Where a job goes after an attempt: pure rules."""

from hypothesis import given
from hypothesis import strategies as st

from mediant.jobs.job import Job, JobState
from mediant.jobs.outcome import (
    DEATH_LIMIT,
    RETRY_LIMIT_S,
    Outcome,
    OutcomeType,
    Standing,
    judge,
    retry_wait_s,
)
from mediant.jobs.rows import JOB_FIELDS, to_job

BODIES: dict[str, dict[str, object]] = {
    "error": {"code": "internal", "text": "Broken.", "transient": False},
    "died": {"cause": "signal 9"},
    "handed_back": {},
}


def make_job() -> Job:
    values = dict.fromkeys(JOB_FIELDS, None) | {
        "id": 7, "state": "running", "payload": "{}", "cancel": 0, "attempt": 1, "kind": "noop",
    }  # fmt: skip
    return to_job([values[name] for name in JOB_FIELDS])


def standing(tries: int = 0, deaths: int = 0, max_tries: int = 3, cancel: int = 0) -> Standing:
    return Standing(7, 1, "running", cancel, tries, deaths, max_tries, 0, "cpu-1", None)


def outcome(type_: OutcomeType, **more: object) -> Outcome:
    return Outcome(make_job(), type_, BODIES[type_] | more)


counters = st.integers(0, 10)


@given(counters, counters, st.integers(1, 5), st.sampled_from(["error", "died", "handed_back"]))
def test_a_cancelled_job_is_cancelled_however_it_ended(
    tries: int, deaths: int, most: int, type_: OutcomeType
) -> None:
    verdict = judge(standing(tries, deaths, most, cancel=1), outcome(type_))
    assert (verdict.state, verdict.tries, verdict.deaths) == (JobState.CANCELLED, tries, deaths)


@given(counters, counters)
def test_a_job_handed_back_loses_nothing(tries: int, deaths: int) -> None:
    verdict = judge(standing(tries, deaths), outcome("handed_back"))
    assert (verdict.state, verdict.tries, verdict.deaths) == (JobState.QUEUED, tries, deaths)


@given(counters)
def test_the_third_death_ends_it(deaths: int) -> None:
    verdict = judge(standing(deaths=deaths), outcome("died"))
    assert verdict.deaths == deaths + 1
    is_final = deaths + 1 >= DEATH_LIMIT
    assert verdict.state is (JobState.FAILED if is_final else JobState.QUEUED)
    assert verdict.code == ("poison" if is_final else None)


@given(counters, st.integers(1, 5))
def test_a_passing_error_is_tried_up_to_the_limit(tries: int, most: int) -> None:
    verdict = judge(standing(tries=tries, max_tries=most), outcome("error", transient=True))
    assert verdict.tries == tries + 1
    again = tries + 1 < most
    assert verdict.state is (JobState.QUEUED if again else JobState.FAILED)
    assert (verdict.wait_s > 0) == again


def test_a_lasting_error_fails_at_once() -> None:
    verdict = judge(standing(), outcome("error"))
    assert (verdict.state, verdict.code, verdict.text) == (JobState.FAILED, "internal", "Broken.")


@given(st.integers(1, 1000))
def test_waits_grow_to_a_limit(tries: int) -> None:
    assert 0 < retry_wait_s(tries) <= retry_wait_s(tries + 1) <= RETRY_LIMIT_S
