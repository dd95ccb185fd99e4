"""The jobs of subtitles."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from mediant.api.auth import JOBS, READ, AppDep
from mediant.api.families.transcriptorio import calls, translate, wire
from mediant.api.families.transcriptorio.family import PREFIX, apart, body, family_router
from mediant.api.families.transcriptorio.family import query as asked
from mediant.api.reach import confine

router = family_router()

JobsDep = Annotated[wire.JobsIn, Depends(asked(wire.JobsIn))]
NewJobDep = Annotated[wire.NewJobIn, Depends(body(wire.NewJobIn))]


@router.get(f"{PREFIX}/jobs", dependencies=READ)
def list_jobs(app: AppDep, wish: JobsDep) -> wire.JobsOut:
    """One page of jobs, the newest first."""
    return calls.list_jobs(app, wish)


@router.get(f"{PREFIX}/jobs/stats", dependencies=READ)
def job_stats(app: AppDep) -> wire.QueueOut:
    """Jobs by status."""
    return translate.queue_out(app.subtitles.count_jobs())


@router.get(f"{PREFIX}/jobs/{{job_id}}", dependencies=READ)
def read_job(job_id: str, app: AppDep) -> wire.JobOut:
    """One job."""
    return calls.show_job(app, app.subtitles.get_job(job_id))


@router.post(f"{PREFIX}/jobs", status_code=201, dependencies=JOBS)
def create_job(request: Request, app: AppDep, wish: NewJobDep) -> wire.JobOut:
    """A job for one file. One that cannot be worked on is answered as failed."""
    confine(request, wish.file_path)
    return calls.create_job(app, wish)


@router.post(f"{PREFIX}/jobs/queue/clear", dependencies=JOBS)
def clear_jobs(app: AppDep) -> wire.MessageOut:
    """Forget the completed jobs."""
    return wire.MessageOut(message=f"Cleared {app.subtitles.clear_done()} completed jobs")


@router.post(f"{PREFIX}/jobs/{{job_id}}/retry", dependencies=JOBS)
def retry_job(job_id: str, app: AppDep) -> wire.JobOut:
    """Do a failed job again."""
    return calls.retry_job(app, job_id)


@router.delete(f"{PREFIX}/jobs/{{job_id}}", dependencies=JOBS)
@router.post(f"{PREFIX}/jobs/{{job_id}}/cancel", dependencies=JOBS)
async def cancel_job(job_id: str, app: AppDep) -> wire.MessageOut:
    """Cancel a job that waits or runs; answered once it has ended."""
    await apart(partial(calls.cancel_job, app, job_id))
    return wire.MessageOut(message=f"Job {job_id} cancelled successfully")
