"""Following jobs to their end, with a bar that shows progress, rate and the time left."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from mediant.cli.answer import Door
from mediant.cli.plain import plain
from mediant.cli.waiting import Waiting
from mediant.errors import SKIPPED_CODES

WAIT_S = 1.0
ENDED = ("done", "failed", "cancelled")
Answer = Mapping[str, Any]


def follow(door: Door, wishes: Sequence[int | Answer], title: str, *, quiet: bool) -> list[Answer]:
    """The jobs that heeded the wishes, as they ended, in order.

    A wish is a job's id, or what the server answered to it: when it `follows`, the jobs in
    `next_id` are awaited, too, and the last of them is given. An interrupt leaves all queued. What
    a job waits for is told; raises `Refused` when it cannot start at all.
    """
    ended: list[Answer] = []
    with _bar(quiet=quiet) as progress:
        waiting = Waiting(progress.console, is_alone=door.is_alone, quiet=quiet)
        task = progress.add_task(title, total=len(wishes), stage="")
        for number, wish in enumerate(wishes):
            first, follows = (wish, False) if isinstance(wish, int) else read_wish(wish)
            follower = _Follower(door, progress, task, waiting, number)
            job = follower.wait(first)
            while follows and job["next_id"] is not None:
                job = follower.wait(job["next_id"])
            ended.append(job)
            progress.update(task, completed=number + 1)
    return ended


def read_wish(answer: Answer) -> tuple[int, bool]:
    """The job of a wish, and whether the wish starts only when that job has ended."""
    return answer["job_id"], answer["follows"]


@dataclass(frozen=True, slots=True)
class _Follower:
    door: Door
    progress: Progress
    task: TaskID
    waiting: Waiting
    done: int
    """Jobs of the same call that have ended."""

    def wait(self, job_id: int) -> Answer:
        while True:
            params = {"timeout_s": WAIT_S}
            job: Answer = self.door.call("GET", f"/jobs/{job_id}/wait", params=params)
            if job["state"] in ENDED:
                return job
            stage = self.waiting.hear(job) or job["stage"] or ""
            completed = self.done + job["progress"]
            self.progress.update(self.task, completed=completed, stage=plain(stage))


class RateColumn(ProgressColumn):
    """How many jobs end in a minute, as far as that is known."""

    def render(self, task: Task) -> Text:
        """The text beside the bar."""
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed * 60:.1f} a minute")


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[stage]}", markup=False),
    )
    disable = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=disable, transient=True) as progress:
        yield progress


def is_skipped(job: Answer) -> bool:
    """Whether a job found a file in which there is nothing to listen to."""
    return bool(job["state"] == "failed" and job["error_code"] in SKIPPED_CODES)


def is_failure(job: Answer) -> bool:
    """Whether a followed job did not do its work, or could not write what it should. A file that
    was skipped is none."""
    if is_skipped(job):
        return False
    return bool(job["state"] != "done" or (job["result"] or {}).get("write") == "failed")
