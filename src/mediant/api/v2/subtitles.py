"""`/api/v2/subtitles`: have subtitles made, the rules by which that happens, and scans."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from mediant.access.scopes import Scope
from mediant.api.auth import ADMIN, JOBS, READ, WRITE, AppDep, require
from mediant.api.numbers import RowId
from mediant.api.reach import confine
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.subtitles_wire import (
    AnalysisOut,
    ChangedOut,
    FileIn,
    JobType,
    RemovedOut,
    RuleIn,
    RuleOut,
    ScanIn,
    ScanOut,
    SettingOut,
    SubtitleJobOut,
    SubtitleJobsOut,
    TranscribeIn,
    to_analysis,
    to_rule,
)
from mediant.api.v2.wire import Accepted, Page, accept
from mediant.jobs.job import JobState
from mediant.subtitles.transcribe.view import SubtitleJob

router = v2_router("subtitles")


@router.post("/transcribe", status_code=202, dependencies=JOBS)
def transcribe(
    body: TranscribeIn, request: Request, app: AppDep, response: Response
) -> SubtitleJobOut:
    """Have the subtitle of one file made in one language, beside the file. A file that is not
    there gives a job that has failed; the same work under way is 409."""
    if body.folder is not None or body.overwrite:
        require(request, Scope.WRITE)
    confine(request, body.path, body.folder)
    return _taken_on(response, app.subtitles.enqueue(body.to_wish(body.path)))


@router.post("/detect", status_code=202, dependencies=JOBS)
def detect(body: FileIn, request: Request, app: AppDep, response: Response) -> SubtitleJobOut:
    """Have it found out which language is spoken in a file."""
    confine(request, body.path)
    return _taken_on(response, app.subtitles.detect(body.path))


def _taken_on(response: Response, job: SubtitleJob) -> SubtitleJobOut:
    response.headers["Location"] = f"{PREFIX}/jobs/{job.id}"
    return SubtitleJobOut.model_validate(job)


@router.get("/jobs", dependencies=READ)
def list_jobs(
    app: AppDep,
    state: Annotated[list[JobState] | None, Query()] = None,
    job_type: JobType | None = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> SubtitleJobsOut:
    """Jobs of subtitles, the newest first, with what they found."""
    page = app.subtitles.list_jobs(states=state, job_type=job_type, offset=offset, limit=limit)
    return SubtitleJobsOut.model_validate(page)


@router.get("/jobs/{key}", dependencies=READ)
def get_job(key: str, app: AppDep) -> SubtitleJobOut:
    """One job, by its id or uuid."""
    return SubtitleJobOut.model_validate(app.subtitles.get_job(key))


@router.post("/jobs/{key}/retry", dependencies=JOBS)
def retry_job(key: str, app: AppDep) -> SubtitleJobOut:
    """Queue a failed job again."""
    return SubtitleJobOut.model_validate(app.subtitles.retry(key))


@router.post("/jobs/{key}/cancel", dependencies=JOBS)
def cancel_job(key: str, app: AppDep) -> SubtitleJobOut:
    """Stop a job: at once, or within seconds while it runs. No half-written file is left."""
    return SubtitleJobOut.model_validate(app.subtitles.cancel(key))


@router.delete("/jobs", dependencies=JOBS)
def clear_jobs(app: AppDep) -> RemovedOut:
    """Remove the jobs that ended well. Their files stay."""
    return RemovedOut(removed=app.subtitles.clear_done())


@router.get("/rules", dependencies=READ)
def list_rules(app: AppDep) -> Page[RuleOut]:
    """All rules, in the order in which they are asked."""
    return Page(items=[to_rule(one) for one in app.subtitles.rules.list_rules()])


@router.post("/rules", status_code=201, dependencies=WRITE)
def add_rule(body: RuleIn, app: AppDep, response: Response) -> RuleOut:
    """A new rule; `name` is needed. Without any condition it fits every file."""
    made = to_rule(app.subtitles.rules.create(body.model_dump(exclude_unset=True)))
    response.headers["Location"] = f"{PREFIX}/subtitles/rules/{made.id}"
    return made


@router.get("/rules/{rule_id}", dependencies=READ)
def get_rule(rule_id: RowId, app: AppDep) -> RuleOut:
    """One rule."""
    return to_rule(app.subtitles.rules.get(rule_id))


@router.patch("/rules/{rule_id}", dependencies=WRITE)
def change_rule(rule_id: RowId, body: RuleIn, app: AppDep) -> RuleOut:
    """Change what is given; null clears a field."""
    return to_rule(app.subtitles.rules.change(rule_id, body.model_dump(exclude_unset=True)))


@router.delete("/rules/{rule_id}", status_code=204, dependencies=WRITE)
def remove_rule(rule_id: RowId, app: AppDep) -> None:
    """Forget a rule. Jobs that it made stay."""
    app.subtitles.rules.remove(rule_id)


@router.post("/scans", status_code=202, dependencies=JOBS)
def scan(body: ScanIn, request: Request, app: AppDep, response: Response) -> Accepted:
    """Look through folders and queue what the rules ask for. Scans take turns."""
    confine(request, *(body.paths or ()))
    return accept(
        response,
        app.subtitles.scanner.scan(body.paths, body.recursive, dry_run=body.dry_run),
    )


@router.get("/scans/{job_id}", dependencies=READ)
def get_scan(job_id: RowId, app: AppDep) -> ScanOut:
    """One scan, with its counts so far."""
    return ScanOut.model_validate(app.subtitles.scanner.read_scan(job_id))


@router.post("/analyze", dependencies=READ)
def analyze(body: FileIn, request: Request, app: AppDep) -> AnalysisOut:
    """What a file holds and what a scan would make of it; nothing is queued."""
    confine(request, body.path)
    return to_analysis(app.subtitles.scanner.analyse(body.path))


@router.get("/settings", dependencies=ADMIN)
def list_settings(app: AppDep, category: str | None = None) -> Page[SettingOut]:
    """The settings of subtitles as they are in force."""
    entries = app.subtitles.keys.list_settings(category)
    return Page(items=[SettingOut.model_validate(one) for one in entries])


@router.patch("/settings", dependencies=ADMIN)
def change_settings(body: dict[str, Any], app: AppDep) -> ChangedOut:
    """Store settings by their keys; all or nothing. They act at once."""
    values = {key: value if isinstance(value, str) else str(value) for key, value in body.items()}
    return ChangedOut(changed=app.subtitles.keys.change(values))
