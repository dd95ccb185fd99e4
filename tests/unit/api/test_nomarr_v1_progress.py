"""Stage after stage, as a stream tells it."""

from hypothesis import given
from hypothesis import strategies as st

from mediant.api.families.nomarr_v1.progress import STAGES, Steps
from mediant.tagging import pipeline


def test_the_stages_are_those_of_the_pipeline() -> None:
    assert tuple(stage.name for stage in pipeline.STAGES) == STAGES


def test_what_was_not_heard_of_is_told_as_complete() -> None:
    steps = Steps()
    told = [(step.head, step.state) for step in steps.reach("melspec")]
    assert told == [("decode", "complete"), ("tonal", "complete"), ("melspec", "running")]
    assert steps.reach("melspec") == []
    assert steps.reach("nothing of ours") == []


@given(st.lists(st.sampled_from(STAGES)).map(lambda heard: sorted(heard, key=STAGES.index)))
def test_every_stage_is_complete_once_and_in_order(heard: list[str]) -> None:
    steps = Steps()
    told = [step for stage in heard for step in steps.reach(stage)] + steps.finish()
    complete = [step.current for step in told if step.state == "complete"]
    assert complete == list(range(1, len(STAGES) + 1))
    assert {step.total for step in told} == {len(STAGES)}


def test_a_job_that_begins_anew_tells_its_stages_anew() -> None:
    steps = Steps()
    steps.reach("heads")
    assert [step.head for step in steps.reach("decode")] == ["decode"]
    assert [step.current for step in steps.finish()] == list(range(1, len(STAGES) + 1))
