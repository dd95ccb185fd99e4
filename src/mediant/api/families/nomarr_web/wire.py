"""What `nomarr-web` takes and gives for logins, work, libraries and settings."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from mediant.api.families.wishes import PathsIn
from mediant.api.numbers import RowId

LIBRARY_ID = re.compile(r"(?:lib_)?0*(\d{1,19})")


def _plain_id(given: Any) -> Any:
    """The number in `lib_001`; anything else as it is."""
    found = LIBRARY_ID.fullmatch(given.strip()) if isinstance(given, str) else None
    return int(found[1]) if found else given


LibraryId = Annotated[RowId, BeforeValidator(_plain_id)]
"""The id of a library: `1`, or `lib_001` as the calibration's status shows it."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Folder = Annotated[str, Field(min_length=1, max_length=4096)]


class LoginIn(BaseModel):
    """The administrator's password."""

    password: SecretStr


class LoginOut(BaseModel):
    """A session; both names of its token are in use."""

    session_token: str
    token: str
    expires_in: int


class SaidOut(BaseModel):
    """What was done, in words."""

    status: str = "success"
    message: str


class CountsOut(BaseModel):
    """Tagging jobs by state."""

    pending: int
    running: int
    completed: int
    errors: int


class DepthOut(CountsOut):
    """The queue in numbers; `depth` is what is not yet done."""

    depth: int
    counts: CountsOut


class ProcessIn(PathsIn):
    """Files and folders to tag."""


class SkippedOut(BaseModel):
    """A path that gave no job, and why."""

    path: str
    reason: str


class ProcessedOut(BaseModel):
    """How many files wait now because they were asked for."""

    enqueued: int
    message: str
    already_queued: int
    """Of these, the ones that waited before."""
    skipped: list[SkippedOut]


class StatisticsOut(BaseModel):
    """All libraries in numbers."""

    total_files: int
    unique_artists: int
    unique_albums: int
    total_duration_seconds: float


class LibraryOut(BaseModel):
    """One library."""

    id: int
    name: str
    root_path: str
    is_enabled: bool
    watch_mode: str
    file_write_mode: str
    scan_status: str
    scan_error: str | None
    scanned_at: str | None
    created_at: str
    updated_at: str


class NewLibraryIn(BaseModel):
    """A folder to look after. Without a name it has its folder's."""

    root_path: Folder
    name: Name | None = None
    is_enabled: bool = True
    watch_mode: str = "off"
    file_write_mode: str = "none"


class LibraryIn(BaseModel):
    """What to change of a library; what is left out stays."""

    root_path: Folder | None = None
    name: Name | None = None
    is_enabled: bool | None = None
    watch_mode: str | None = None
    file_write_mode: str | None = None


class ScanIn(BaseModel):
    """How to scan; without paths the whole library."""

    paths: list[Folder] | None = None
    recursive: bool = True
    force: bool = False
    clean_missing: bool = False


class ScannedOut(BaseModel):
    """What a scan gave the queue, or has given so far."""

    queued: int
    message: str
    scan_id: int | None
    scan_status: str


class ConfigIn(BaseModel):
    """One setting and its new value, usually as text."""

    key: str
    value: bool | int | float | str | Sequence[str] | None


class ChangedOut(BaseModel):
    """That a setting was stored, and when it holds."""

    success: bool = True
    message: str
    restart_needed: bool
