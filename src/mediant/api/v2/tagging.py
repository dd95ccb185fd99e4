"""`/api/v2/tagging`: analyse music, write and undo tags, see how far it is."""

from pathlib import Path
from typing import Annotated, Any, Self

from fastapi import Query, Request, Response
from pydantic import Field, model_validator

from mediant.access.scopes import Scope
from mediant.api.auth import JOBS, READ, WRITE, AppDep, require
from mediant.api.numbers import RowId
from mediant.api.v2.jobs import ForecastOut
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.wire import Accepted, In, Out, PathText, accept
from mediant.app import App
from mediant.jobs.job import JobState
from mediant.settings.model import WriteMode

router = v2_router("tagging")

KIND = "tag"
PathField = Annotated[str, Field(min_length=1, max_length=4096)]
PathQuery = Annotated[str, Query(min_length=1, description="Path here or in another container.")]


class TagIn(In):
    """What to tag: a file or folder, or a whole library."""

    path: PathField | None = None
    library_id: RowId | None = None
    force: bool = Field(False, description="Analyse again what is known.")
    write_mode: WriteMode | None = Field(None, description="Else as the library says.")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.path is None) == (self.library_id is None):
            raise ValueError("give either `path` or `library_id`")
        return self


class FileIn(In):
    """A file, by its path or its id."""

    path: PathField | None = None
    file_id: RowId | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.path is None) == (self.file_id is None):
            raise ValueError("give either `path` or `file_id`")
        return self


class RetagIn(In):
    """Which tracks get new words by the calibration in force, and what becomes of their files."""

    library_id: RowId | None = Field(None, description="One library; all without it.")
    dry_run: bool = Field(False, description="Count what would change, and change nothing.")
    rewrite_all: bool = Field(
        False,
        description="Write every file whose tags differ, not only those whose mood words changed.",
    )


class RetagOut(Accepted):
    """The job, and how many tagged tracks it looks at."""

    tracks: int


class OwnTagsOut(Out):
    """Our tags as they are in the file now."""

    tags: dict[str, list[str]]


class WritePlannedOut(Out):
    """What would be written into a file. Without tags nothing, and `reason` says why."""

    mode: WriteMode
    tags: dict[str, list[str]]
    reason: str | None


class EnqueuedOut(Out):
    """What was enqueued."""

    enqueued: int = Field(description="New jobs; files whose job was already live do not count.")
    job_ids: list[int] = Field(description="The jobs of these files; empty for a whole library.")
    jobs: list[Accepted] = Field(
        description="What became of each wish, in the order of `job_ids`. Where one `follows`, "
        "the job in the `next_id` of its job does the work."
    )


class CountsOut(Out):
    """Tracks by state: tagged, failed, skipped; and those without any."""

    counts: dict[str, int]


class ProgressOut(Out):
    """How far tagging is."""

    queued: int
    running: int
    done: int
    failed: int
    cancelled: int
    forecast: ForecastOut


class HeadOut(Out):
    """Raw scores of one head: label -> statistic over patches -> value."""

    model: str
    name: str
    version: str
    patches: int
    labels: dict[str, dict[str, float | None]]


class EmbeddingOut(Out):
    """A stored vector, without its numbers."""

    model: str
    version: str
    dim: int


class WriteOut(Out):
    """One write to the file."""

    id: int
    state: str
    mode: str
    written_at: str | None
    undone_at: str | None


class TrackOut(Out):
    """All that is known of a track, and why it got its words."""

    file_id: int
    path: PathText
    state: str
    error_code: str | None
    error: str | None
    facts: dict[str, Any]
    media: dict[str, Any]
    tags: dict[str, list[str]]
    explanation: dict[str, Any]
    heads: list[HeadOut]
    embeddings: list[EmbeddingOut]
    writes: list[WriteOut]
    is_outdated: bool = Field(description="The file changed since it was analysed.")


@router.post("/tag", status_code=202, dependencies=JOBS)
def tag(body: TagIn, request: Request, app: AppDep, response: Response) -> EnqueuedOut:
    """Analyse music. With a write mode other than `none` the files are changed, too."""
    if body.write_mode not in {None, "none"}:
        require(request, Scope.WRITE)
    if body.library_id is not None:
        return _tag_library(app, body, body.library_id)
    path = app.library.to_ours(body.path or "")
    jobs = app.tagging.tag_path(path, force=body.force, write_mode=body.write_mode)
    if len(jobs) == 1:
        response.headers["Location"] = f"{PREFIX}/jobs/{jobs[0].job_id}"
    new = sum(job.created for job in jobs)
    return EnqueuedOut(
        enqueued=new,
        job_ids=[job.job_id for job in jobs],
        jobs=[Accepted.model_validate(job) for job in jobs],
    )


def _tag_library(app: App, body: TagIn, library_id: int) -> EnqueuedOut:
    app.library.get_library(library_id)
    count = app.tagging.tag_library(library_id, force=body.force, write_mode=body.write_mode)
    return EnqueuedOut(enqueued=count, job_ids=[], jobs=[])


@router.post("/retag", status_code=202, dependencies=JOBS)
def retag(body: RetagIn, request: Request, app: AppDep, response: Response) -> RetagOut:
    """New moods and tags from stored scores; no audio is read. Files are written where the mood
    words changed and the library's write mode allows it."""
    if not body.dry_run:
        require(request, Scope.WRITE)
    wish = app.tagging.retag_all(
        library_id=body.library_id, dry_run=body.dry_run, rewrite_all=body.rewrite_all
    )
    told = accept(response, wish.enqueued)
    return RetagOut(**told.model_dump(), tracks=wish.tracks)


@router.post("/undo", status_code=202, dependencies=WRITE)
def undo(body: FileIn, app: AppDep, response: Response) -> Accepted:
    """Give a file the bytes back that it had before the last write."""
    return accept(response, app.tagging.undo(_target(app, body)))


@router.post("/untag", status_code=202, dependencies=WRITE)
def untag(body: FileIn, app: AppDep, response: Response) -> Accepted:
    """Take our tags out of a file, and nothing else. It can be undone like any write."""
    return accept(response, app.tagging.remove_tags(_target(app, body)))


def _target(app: App, body: FileIn) -> Path | int:
    if body.file_id is not None:
        return body.file_id
    return app.library.to_ours(body.path or "")


@router.get("/own-tags", dependencies=READ)
def read_own_tags(path: PathQuery, app: AppDep) -> OwnTagsOut:
    """Our tags in the file itself: what `untag` would take out."""
    return OwnTagsOut(tags=app.tagging.read_own_tags(app.library.to_ours(path)))


@router.get("/track", dependencies=READ)
def show_path(path: PathQuery, app: AppDep) -> TrackOut:
    """The track at a path."""
    return TrackOut.model_validate(app.tagging.show(app.library.to_ours(path)))


@router.get("/track/{file_id}", dependencies=READ)
def show_file(file_id: RowId, app: AppDep) -> TrackOut:
    """The track of a file."""
    return TrackOut.model_validate(app.tagging.show(file_id=file_id))


@router.get("/track/{file_id}/plan", dependencies=READ)
def plan_write(
    file_id: RowId,
    app: AppDep,
    write_mode: Annotated[WriteMode | None, Query(description="Else as the library says.")] = None,
    force: Annotated[bool, Query(description="As if it were analysed again.")] = False,
) -> WritePlannedOut:
    """What `tag` with this write mode would write into a file that was analysed."""
    planned = app.tagging.plan_write(file_id, write_mode=write_mode, force=force)
    return WritePlannedOut.model_validate(planned)


@router.get("/counts", dependencies=READ)
def count_tracks(app: AppDep) -> CountsOut:
    """Tracks by state."""
    return CountsOut(counts=app.tagging.count_tracks())


@router.get("/progress", dependencies=READ)
def progress(app: AppDep) -> ProgressOut:
    """How many tracks are left, the rate and the time that is left."""
    counts = app.queue.count_jobs(KIND)
    forecast = ForecastOut.model_validate(app.queue.forecast(KIND))
    by_name = {state.value: counts.get(state, 0) for state in JobState}
    return ProgressOut(**by_name, forecast=forecast)
