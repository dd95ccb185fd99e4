"""A job of the library that makes the very subtitle for which somebody waits."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mediant.jobs.job import Job, JobState
from mediant.jobs.queue import JobQueue
from mediant.kernel.languages import canonical_code
from mediant.store import Database
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.provider.hint import Hint
from mediant.subtitles.provider.waiting import wait_for_job
from mediant.subtitles.transcribe.wish import TRANSCRIBE

SUBRIP = ".srt"
MOST_BYTES = 16 << 20


async def follow_library(
    database: Database,
    queue: JobQueue,
    wanted: tuple[Hint, str],
    gone: "asyncio.Future[Any]",
    timeout_s: float,
) -> str | None:
    """The subtitle (SubRip) of a job that runs for this video and language; None without one.

    A job that is still queued may wait for long, and is not waited for. Raises as `wait_for_job`.
    """
    job_id = await asyncio.to_thread(_find_running, database, *wanted)
    if job_id is None:
        return None
    job = await wait_for_job(queue, job_id, gone, timeout_s)
    return await asyncio.to_thread(_read_subtitle, job)


def _find_running(database: Database, hint: Hint, language: str) -> int | None:
    columns = job_table.c
    query = select(columns.id).where(
        columns.kind == TRANSCRIBE,
        columns.dedup_key == f"{hint.path}|{canonical_code(language)}",
        columns.state == JobState.RUNNING.value,
    )
    with database.read() as connection:
        return connection.execute(query).scalar()


def _read_subtitle(job: Job) -> str | None:
    """What it wrote, if it ended well."""
    written = (job.result or {}).get("output_path")
    if job.state is not JobState.DONE or not written or Path(written).suffix != SUBRIP:
        return None
    try:
        with Path(written).open("rb") as file:
            return file.read(MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        return None
