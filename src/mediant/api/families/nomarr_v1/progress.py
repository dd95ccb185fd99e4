"""The progress of one file in this family's words: stage after stage. Pure."""

from typing import Literal

from pydantic import BaseModel

STAGES = ("decode", "tonal", "melspec", "embed", "heads", "rhythm", "moods", "write")
"""The stages of a tagging job in their order, without the weight of the pipeline itself."""

State = Literal["running", "complete"]


class StepOut(BaseModel):
    """Stage `current` of `total` has begun, or is complete. All heads together are one stage."""

    type: Literal["progress"] = "progress"
    current: int
    total: int
    head: str
    state: State


class Steps:
    """Which stages of one job were told."""

    def __init__(self) -> None:
        self._complete = 0
        self._running: int | None = None

    def reach(self, stage: str) -> list[StepOut]:
        """What to tell when a job is heard to be at a stage: those before it, and its begin."""
        if stage not in STAGES:
            return []
        place = STAGES.index(stage)
        if place == self._running:
            return []
        told = [_step(done, "complete") for done in range(self._complete, place)]
        # A job that lost its worker begins anew.
        self._complete, self._running = place, place
        return [*told, _step(place, "running")]

    def finish(self) -> list[StepOut]:
        """What to tell when the job has done all of it."""
        told = [_step(done, "complete") for done in range(self._complete, len(STAGES))]
        self._complete = len(STAGES)
        return told


def _step(place: int, state: State) -> StepOut:
    return StepOut(current=place + 1, total=len(STAGES), head=STAGES[place], state=state)
