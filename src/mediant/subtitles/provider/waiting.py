"""Waiting for an answer without holding a thread."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from mediant.errors import MediantError, Unavailable
from mediant.jobs.job import Job, JobState
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import monotonic_s
from mediant.subtitles.provider.provider import Provider, Ticket, Why
from mediant.subtitles.provider.question import Question

TRIES = 4
"""Whoever joins a job in the moment in which it is given up asks again."""


class Gone(Exception):
    """Whoever asked has hung up."""


class TooLate(MediantError):
    """The answer is not ready yet; it is still worked on."""

    code = "too_late"


class HearingFailed(MediantError):
    """The sound could not be heard; the code is that of the job."""

    def __init__(self, code: str, text: str) -> None:
        """Code and text are those of the job."""
        super().__init__(text)
        self.code = code


async def obtain(
    provider: Provider, question: Question, form: str, gone: "asyncio.Future[Any]", timeout_s: float
) -> str:
    """The answer in one form.

    Raises TooLate after `timeout_s`, while the work goes on; Gone when `gone` is settled, and the
    work ends if nobody else waits for it; HearingFailed with the code of the job; Unavailable when
    somebody cancelled it.
    """
    deadline = monotonic_s() + timeout_s
    for _ in range(TRIES):
        ticket = await asyncio.to_thread(provider.join, question)
        if ticket.job_id is not None:
            await _await(provider, ticket, gone, deadline)
        text = await asyncio.to_thread(provider.read, ticket.key, form)
        if text is not None:
            return text
    raise Unavailable("The work was given up again and again.", remedy="Ask again.")


async def _await(
    provider: Provider, ticket: Ticket, gone: "asyncio.Future[Any]", deadline: float
) -> None:
    assert ticket.job_id is not None
    why: Why = "for now"
    try:
        left_s = max(0.0, deadline - monotonic_s())
        job = await wait_for_job(provider.queue, ticket.job_id, gone, left_s)
        why = "answered"
        _judge(job, is_abandoned=provider.is_abandoned(job.id))
    except Gone:
        why = "gone"
        raise
    finally:
        await asyncio.shield(asyncio.to_thread(provider.leave, ticket, why))


async def wait_for_job(
    queue: JobQueue, job_id: int, gone: "asyncio.Future[Any]", timeout_s: float
) -> Job:
    """The job when it has ended. Raises TooLate and Gone; NotFound for one that is no more."""
    job = await _first(queue.wait_async(job_id, timeout_s), gone)
    if not job.state.is_ended:
        raise TooLate("It is still worked on.", remedy="Ask again later: it will be there.")
    return job


async def _first(work: Awaitable[Job], gone: "asyncio.Future[Any]") -> Job:
    """What the work gives, unless somebody is gone before."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()


def _judge(job: Job, *, is_abandoned: bool) -> None:
    """Pass for an answer, and for a job that was given up: then it is asked anew."""
    if job.state is JobState.FAILED:
        raise HearingFailed(job.error_code or "error", job.error or "It failed.")
    if job.state is JobState.CANCELLED and not is_abandoned:
        raise Unavailable("The work was cancelled.", remedy="Ask again.")
