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

from mediant.cli.door import Door

WAIT_S = 1.0
ENDED = ("done", "failed", "cancelled")
Answer = Mapping[str, Any]


def follow(door: Door, job_ids: Sequence[int], title: str, *, quiet: bool) -> list[Answer]:
    """The jobs as they ended, in order. An interrupt leaves them in the queue."""
    ended: list[Answer] = []
    with _bar(quiet=quiet) as progress:
        task = progress.add_task(title, total=len(job_ids), stage="")
        for number, job_id in enumerate(job_ids):
            ended.append(_wait(door, job_id, progress, task, number))
            progress.update(task, completed=number + 1)
    return ended


def _wait(door: Door, job_id: int, progress: Progress, task: TaskID, done: int) -> Answer:
    while True:
        job: Answer = door.call("GET", f"/jobs/{job_id}/wait", params={"timeout_s": WAIT_S})
        if job["state"] in ENDED:
            return job
        progress.update(task, completed=done + job["progress"], stage=job["stage"] or "")


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
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[stage]}"),
    )
    disable = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=disable, transient=True) as progress:
        yield progress


def is_failure(job: Answer) -> bool:
    """Whether a followed job did not do its work."""
    return bool(job["state"] != "done")
