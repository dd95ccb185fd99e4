"""What `nomarr-v1` takes and gives, at its documented keys and types."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, ValidationError, field_validator, model_validator

from mediant.errors import Invalid


class TagIn(BaseModel):
    """A wish to tag. Read leniently: `path` or `paths`, in the body or the query."""

    paths: list[str]
    force: bool = False

    @model_validator(mode="before")
    @classmethod
    def _accept_path(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        paths = given.get("paths") or given.get("path") or []
        return {**given, "paths": [paths] if isinstance(paths, str) else paths}

    @field_validator("paths")
    @classmethod
    def _trim(cls, paths: list[str]) -> list[str]:
        return [trimmed for path in paths if (trimmed := path.strip())]


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


async def read_tag(request: Request) -> TagIn:
    """The wish in a request, whatever its content type. Raises `Invalid`."""
    given: Any = dict(request.query_params)
    if await request.body():
        try:
            body = await request.json()
        except ValueError as bad:
            raise Invalid(f"The body is not valid JSON: {bad}.") from bad
        if not isinstance(body, dict):
            raise Invalid("The body must be a JSON object.")
        given |= body
    try:
        wish = TagIn.model_validate(given)
    except ValidationError as bad:
        first = bad.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{first['msg']}.", asset=place or None) from bad
    if not wish.paths:
        raise Invalid("Which file or folder? Give its `path`.")
    return wish
