"""What a wish makes of its live twin."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mediant.jobs.job import JobState, Payload
from mediant.jobs.rows import to_json
from mediant.jobs.twin import Twin, join

Wish = dict[str, int]
wishes = st.fixed_dictionaries({"force": st.integers(0, 3)})
priorities = st.integers(-5, 5)


def merge(old: Payload, new: Payload) -> Payload:
    return {"force": max(old["force"], new["force"])}


def twin(state: JobState, wish: Wish, cancel: int = 0) -> Twin:
    return Twin(1, state.value, to_json(wish), None, 0, cancel)


@given(wishes, st.lists(st.tuples(wishes, priorities), min_size=1))
def test_a_queued_twin_becomes_the_strongest(first: Wish, later: list[tuple[Wish, int]]) -> None:
    one = twin(JobState.QUEUED, first)
    for wish, priority in later:
        one, follows = join(one, wish, priority, merge)
        assert not follows
    strongest = max([first["force"], *(wish["force"] for wish, _ in later)])
    assert (json.loads(one.payload), one.again) == ({"force": strongest}, None)
    assert one.priority == max(0, *(priority for _, priority in later))


@given(wishes, st.lists(st.tuples(wishes, priorities), min_size=1))
def test_behind_a_running_twin_waits_only_what_is_stronger(
    first: Wish, later: list[tuple[Wish, int]]
) -> None:
    before = one = twin(JobState.RUNNING, first)
    for wish, priority in later:
        one, follows = join(one, wish, priority, merge)
        assert follows == (wish["force"] > first["force"])
        assert one.payload == before.payload
    stronger = [(w["force"], p) for w, p in later if w["force"] > first["force"]]
    if not stronger:
        assert one == before
        return
    assert one.again is not None
    assert json.loads(one.again) == {"force": max(force for force, _ in stronger)}
    assert one.priority == max(0, *(priority for _, priority in stronger))


@given(wishes, wishes)
def test_behind_a_twin_that_gives_up_every_wish_waits(first: Wish, wish: Wish) -> None:
    one, follows = join(twin(JobState.RUNNING, first, cancel=1), wish, 0, merge)
    assert follows
    assert one.again is not None
    assert json.loads(one.again) == wish


@given(wishes)
def test_the_same_wish_again_changes_nothing(wish: Wish) -> None:
    for state in (JobState.QUEUED, JobState.RUNNING):
        assert join(twin(state, wish), wish, 0, merge) == (twin(state, wish), False)


@given(wishes, wishes)
def test_news_wait_and_repeat_nothing_of_what_runs(first: Wish, wish: Wish) -> None:
    one, follows = join(twin(JobState.RUNNING, first), wish, 0, merge, is_news=True)
    assert follows
    assert (one.payload, json.loads(one.again or "")) == (to_json(first), wish)
