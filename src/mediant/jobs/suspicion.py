"""Who is to blame when the server dies, and who must therefore run alone. Pure.

A worker that dies takes one job with it, and that job is to blame. A server that dies takes
everything with it that runs, and at most one of these jobs killed it (most often none: the power,
a container's limit, somebody's `kill -9`). So a death of the server counts as a job's own only
when nothing else ran. Jobs that lost a server together are remembered; after `SHARED_LIMIT` times
each runs alone, until it has ended or three deaths have proved it guilty.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mediant.jobs.job import Job

SHARED_LIMIT = 2
"""A job that shared so many deaths of the server runs alone."""
ALONE_TEXT = (
    "Nothing else runs now: the server died again and again while this job ran beside others."
)
LEAVING = ":leaving"
"""Stands behind the owner's name while a server stops: killed then, it died of no job."""


class Lost(NamedTuple):
    """A job that ran when its server went away."""

    id: int
    owner: str


class Charge(NamedTuple):
    """What a job is charged with for one death of its server."""

    deaths: int
    server_deaths: int


NOTHING = Charge(0, 0)


def charge(lost: Sequence[Lost], here: str) -> dict[int, Charge]:
    """What each lost job is charged with, by its id.

    Nothing when the server `here`, which lives, gave them up itself (it had lost the database),
    or when their server was stopping; a death when one ran alone; else a shared one.
    """
    blamed = {job.id for job in lost if job.owner != here and not job.owner.endswith(LEAVING)}
    found = Charge(1, 0) if len(blamed) == 1 else Charge(0, 1)
    return {job.id: found if job.id in blamed else NOTHING for job in lost}


def runs_alone(job: Job) -> bool:
    """Whether nothing may run beside this job."""
    return job.server_deaths >= SHARED_LIMIT


def cut_alone(jobs: Sequence[Job]) -> int:
    """How many of these jobs, in their order, may start together: those before the first that
    runs alone, or just that one when it is the first."""
    first = next((n for n, job in enumerate(jobs) if runs_alone(job)), len(jobs))
    return first or min(1, len(jobs))
