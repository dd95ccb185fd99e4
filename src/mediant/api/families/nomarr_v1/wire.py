"""What `nomarr-v1` takes and gives, at its documented keys and types."""

from typing import Annotated, Literal

from fastapi import Request
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
)

from mediant.api.families.request import as_list, parse, read_body, read_given
from mediant.api.families.wishes import PathsIn
from mediant.api.numbers import RowId


class TagIn(PathsIn):
    """A wish to tag."""


class JobOut(BaseModel):
    """A job; `status` is pending, running, done or error, times are ISO 8601 without a zone."""

    job_id: int
    status: str
    path: str | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    error: str | None


class MillisJobOut(BaseModel):
    """A job of `/list`, where times are milliseconds since 1970."""

    job_id: int
    status: str
    path: str | None
    created_at: int | None
    started_at: int | None
    finished_at: int | None
    error: str | None


class QueuedOut(BaseModel):
    """The immediate answer to a wish for one file."""

    job_id: int
    status: str
    blocking: bool


class EndedOut(JobOut):
    """The answer to a wish for one file after waiting for it. `timeout`: the job goes on."""

    blocking: bool
    timeout: bool | None = None


class ManyOut(BaseModel):
    """The answer to a wish for a folder or several files."""

    job_ids: list[int]
    queue_depth: int
    files_queued: int
    path: str
    blocking: bool


TagOut = EndedOut | QueuedOut | ManyOut


class CountsOut(BaseModel):
    """Jobs by status."""

    pending: int
    running: int
    done: int
    error: int


class QueueOut(BaseModel):
    """The newest jobs and a summary."""

    summary: CountsOut
    jobs: list[JobOut]
    limit: int


class ListOut(BaseModel):
    """One page of jobs. `total` follows the filter, `counts` does not."""

    total: int
    jobs: list[MillisJobOut]
    counts: CountsOut
    limit: int
    offset: int


class ConfigOut(BaseModel):
    """The settings that this family knows; paths are null for a caller without a credential."""

    db_path: str | None
    models_dir: str | None
    namespace: str
    api_host: str
    api_port: int
    worker_enabled: bool
    worker_enabled_default: bool
    poll_interval: int
    blocking_mode: bool
    blocking_timeout: int


class ModelsOut(BaseModel):
    """What analyses a track."""

    total_heads: int
    embeddings: list[str]


class DepthOut(BaseModel):
    """The queue in numbers; `depth` is what is not yet done."""

    depth: int
    counts: CountsOut


class WorkerOut(BaseModel):
    """Whether work is done at all."""

    enabled: bool
    alive: bool
    last_heartbeat: str | None


class InfoOut(BaseModel):
    """Settings, models, queue and worker."""

    config: ConfigOut
    models: ModelsOut
    queue: DepthOut
    worker: WorkerOut


class RemoveIn(BaseModel):
    """The job to remove."""

    job_id: RowId


class RemovedOut(BaseModel):
    """A job is gone, and the worker goes on."""

    status: Literal["ok"] = "ok"
    removed: int
    worker_enabled: bool


class FlushIn(BaseModel):
    """The statuses whose jobs are removed."""

    statuses: Annotated[list[str], BeforeValidator(as_list)] = ["pending", "error"]


class FlushedOut(BaseModel):
    """Jobs are gone, and the worker goes on."""

    status: Literal["ok"] = "ok"
    flushed_statuses: list[str]
    removed: int
    worker_enabled: bool


class CleanupIn(BaseModel):
    """How old the ended jobs are that are removed."""

    max_age_hours: int = Field(168, ge=0, le=1_000_000)


class CleanedOut(BaseModel):
    """Old jobs are gone."""

    status: Literal["ok"] = "ok"
    max_age_hours: int
    jobs_removed: int


class ResetOut(BaseModel):
    """Jobs wait again."""

    status: Literal["ok"] = "ok"
    reset_count: int


class SwitchedOut(BaseModel):
    """Whether the worker takes jobs up now."""

    status: Literal["ok"] = "ok"
    worker_enabled: bool


class RefreshedOut(BaseModel):
    """How many networks read a label from a track."""

    status: Literal["ok"] = "ok"
    predictors: int


class HealthOut(BaseModel):
    """Networks and workers."""

    cache_initialized: bool
    worker_count: int
    available_workers: int


class LoginIn(BaseModel):
    """The administrator's password."""

    password: SecretStr


class LoginOut(BaseModel):
    """A session, under both of its documented names."""

    token: str
    session_token: str
    expires_in: int


class LogoutOut(BaseModel):
    """`ended`: whether the credential was a session. A key has none, and stays valid."""

    status: Literal["ok"] = "ok"
    ended: bool


class ProcessedOut(BaseModel):
    """What became of one file: keys written into it, and the seconds that it took."""

    path: str
    tags_written: int
    duration: float
    error: str | None = None


class BatchOut(BaseModel):
    """What became of each file, in the order of the wish."""

    results: list[ProcessedOut]


class OwnTagsOut(BaseModel):
    """Our tags in a file as it is now."""

    path: str
    namespace: str
    tags: dict[str, list[str]]
    count: int


async def read_tag(request: Request) -> TagIn:
    """The wish to tag that a request is. Raises `Invalid`."""
    return parse(TagIn, await read_given(request))


async def read_remove(request: Request) -> RemoveIn:
    """The wish to remove a job that a request is. Raises `Invalid`."""
    return parse(RemoveIn, await read_given(request))


async def read_flush(request: Request) -> FlushIn:
    """The wish to remove jobs by status that a request is. Raises `Invalid`."""
    return parse(FlushIn, await read_given(request))


async def read_cleanup(request: Request) -> CleanupIn:
    """The wish to remove old jobs that a request is. Raises `Invalid`."""
    return parse(CleanupIn, await read_given(request))


async def read_login(request: Request) -> LoginIn:
    """The login in a request's body; a password never travels in an address. Raises `Invalid`."""
    return parse(LoginIn, await read_body(request))
