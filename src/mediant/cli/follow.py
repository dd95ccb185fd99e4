"""Following jobs to their end, with a bar that shows progress, rate and the time left."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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

WAIT_S = 1.0
ENDED = ("done", "failed", "cancelled")
Answer = Mapping[str, Any]


def follow(door: Door, wishes: Sequence[int | Answer], title: str, *, quiet: bool) -> list[Answer]:
    """The jobs that heeded the wishes, as they ended, in order.

    A wish is a job's id, or what the server answered to it: when it `follows`, the jobs in
    `next_id` are awaited, too, and the last of them is given. An interrupt leaves all queued.
    """
    ended: list[Answer] = []
    with _bar(quiet=quiet) as progress:
        task = progress.add_task(title, total=len(wishes), stage="")
        for number, wish in enumerate(wishes):
            first, follows = (wish, False) if isinstance(wish, int) else read_wish(wish)
            job = _wait(door, first, progress, task, number)
            while follows and job["next_id"] is not None:
                job = _wait(door, job["next_id"], progress, task, number)
            ended.append(job)
            progress.update(task, completed=number + 1)
    return ended


def read_wish(answer: Answer) -> tuple[int, bool]:
    """The job of a wish, and whether the wish starts only when that job has ended."""
    return answer["job_id"], answer["follows"]


def _wait(door: Door, job_id: int, progress: Progress, task: TaskID, done: int) -> Answer:
    while True:
        job: Answer = door.call("GET", f"/jobs/{job_id}/wait", params={"timeout_s": WAIT_S})
        if job["state"] in ENDED:
            return job
        progress.update(task, completed=done + job["progress"], stage=plain(job["stage"] or ""))


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


def is_failure(job: Answer) -> bool:
    """Whether a followed job did not do its work, or could not write what it should."""
    return bool(job["state"] != "done" or (job["result"] or {}).get("write") == "failed")
