"""The live job that a wish meets, and what the wish makes of it. Pure."""

import json
from typing import NamedTuple

from mediant.jobs.job import JobState, Payload
from mediant.jobs.kind import Merge
from mediant.jobs.rows import to_json


class Twin(NamedTuple):
    """Its row, as far as another wish matters to it; payloads are JSON texts."""

    id: int
    state: str
    payload: str
    again: str | None
    priority: int
    cancel: int


def join(
    twin: Twin, wish: Payload, priority: int, merge: Merge, *, is_news: bool = False
) -> tuple[Twin, bool]:
    """The twin as it shall be, and whether the wish waits behind it.

    A queued twin takes the wish up. Behind a running one it waits, unless what runs is strong
    enough already; news wait in any case. Behind one that was asked to stop every wish waits, for
    it gives up its own.
    """
    raised = twin._replace(priority=max(twin.priority, priority))
    if twin.state == JobState.QUEUED:
        return raised._replace(payload=merge_texts(twin.payload, wish, merge)), False
    if not (twin.cancel or is_news) and merge_texts(twin.payload, wish, merge) == twin.payload:
        return twin, False
    # News ask for no more than a look: nothing that what runs does shall be done twice for them.
    before = twin.again or (None if twin.cancel or is_news else twin.payload)
    again = to_json(wish) if before is None else merge_texts(before, wish, merge)
    return raised._replace(again=again), True


def merge_texts(before: str, wish: Payload, merge: Merge) -> str:
    """The merged payload as JSON; the very text when the wish adds nothing."""
    old = json.loads(before)
    merged = merge(old, wish)
    return before if merged == old else to_json(merged)
