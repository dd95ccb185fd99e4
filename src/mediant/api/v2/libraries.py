"""`/api/v2/libraries`: folders of media, scans of them, and path maps."""

from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import Field

from mediant.api.auth import JOBS, READ, WRITE, AppDep
from mediant.api.gates import COUNTING
from mediant.api.numbers import RowId
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.wire import Accepted, In, Moment, Out, Page, PathText, accept
from mediant.settings.model import WriteMode

router = v2_router("libraries")

WatchMode = Literal["off", "event", "poll"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Folder = Annotated[str, Field(min_length=1, max_length=4096)]


class LibraryOut(Out):
    """One library."""

    id: int
    name: str
    root_path: PathText
    is_enabled: bool
    watch_mode: WatchMode
    write_mode: WriteMode
    scan_state: str
    scan_error: str | None
    scanned_at: Moment | None
    created_at: Moment
    updated_at: Moment


class NewLibraryIn(In):
    """A folder to look after."""

    name: Name
    root_path: Folder
    watch_mode: WatchMode = "off"
    write_mode: WriteMode = "none"


class LibraryIn(In):
    """What to change of a library; what is left out stays."""

    name: Name | None = None
    root_path: Folder | None = None
    is_enabled: bool | None = None
    watch_mode: WatchMode | None = None
    write_mode: WriteMode | None = None


class ScanIn(In):
    """How to scan: everything, or some folders only."""

    paths: list[Folder] | None = None
    force: bool = Field(
        False,
        description="Offer unchanged files for analysis, too: those are queued that lack one by "
        "the present models, or their tags. To analyse all anew, tag with `force`.",
    )


class StatisticsOut(Out):
    """All libraries in numbers."""

    files: int
    missing: int
    size_bytes: int
    duration_s: float
    artists: int
    albums: int


class HoldingsOut(Out):
    """What would be forgotten with a library."""

    files: int
    tracks: int = Field(description="Files that were analysed.")
    undoable: int = Field(description="Files with writes that can still be undone.")
    undoable_missing: int = Field(description="How many of these are missing.")


ForgetUndo = Annotated[
    bool, Query(description="Forget, too, how writes to the files can be undone.")
]


class PurgedOut(Out):
    """How many missing files were forgotten."""

    removed: int
    kept: int = Field(description="Missing files that stay known: their writes can be undone.")


class PathMapOut(Out):
    """A folder as another container names it, and as it is named here."""

    id: int
    theirs: str
    ours: str


class PathMapIn(In):
    """A new path map."""

    theirs: Folder
    ours: Folder


@router.get("", dependencies=READ)
def list_libraries(app: AppDep, enabled_only: Annotated[bool, Query()] = False) -> Page[LibraryOut]:
    """All libraries."""
    rows = app.library.list_libraries(enabled_only=enabled_only)
    return Page(items=[LibraryOut.model_validate(row) for row in rows])


@router.post("", status_code=201, dependencies=WRITE)
def add_library(body: NewLibraryIn, app: AppDep, response: Response) -> LibraryOut:
    """Add a folder. It is not scanned until you ask."""
    entry = app.library.add_library(
        body.name, body.root_path, watch_mode=body.watch_mode, write_mode=body.write_mode
    )
    response.headers["Location"] = f"{PREFIX}/libraries/{entry.id}"
    return LibraryOut.model_validate(entry)


@router.get("/statistics", dependencies=[*READ, COUNTING])
def statistics(app: AppDep) -> StatisticsOut:
    """Files, hours and artists of all libraries."""
    return StatisticsOut.model_validate(app.library.statistics())


@router.get("/path-maps", dependencies=READ)
def list_path_maps(app: AppDep) -> Page[PathMapOut]:
    """How folders of other containers are named here."""
    return Page(items=[PathMapOut.model_validate(one) for one in app.library.list_path_maps()])


@router.post("/path-maps", status_code=201, dependencies=WRITE)
def add_path_map(body: PathMapIn, app: AppDep, response: Response) -> PathMapOut:
    """Add a path map."""
    entry = app.library.add_path_map(body.theirs, body.ours)
    response.headers["Location"] = f"{PREFIX}/libraries/path-maps/{entry.id}"
    return PathMapOut.model_validate(entry)


@router.delete("/path-maps/{map_id}", status_code=204, dependencies=WRITE)
def remove_path_map(map_id: RowId, app: AppDep) -> None:
    """Remove a path map."""
    app.library.remove_path_map(map_id)


@router.get("/{library_id}", dependencies=READ)
def get_library(library_id: RowId, app: AppDep) -> LibraryOut:
    """One library."""
    return LibraryOut.model_validate(app.library.get_library(library_id))


@router.patch("/{library_id}", dependencies=WRITE)
def change_library(library_id: RowId, body: LibraryIn, app: AppDep) -> LibraryOut:
    """Change some of a library's fields. When the write mode rises, what is tagged gets written."""
    fields: dict[str, Any] = body.model_dump(exclude_none=True)
    before = app.library.get_library(library_id)
    entry = app.library.change_library(library_id, **fields)
    app.tagging.write_after_rise(before, entry)
    return LibraryOut.model_validate(entry)


@router.delete("/{library_id}", status_code=204, dependencies=WRITE)
def remove_library(library_id: RowId, app: AppDep, forget_undo: ForgetUndo = False) -> None:
    """Forget a library and what is known of its files. The files themselves stay. 409 while writes
    to them can be undone, unless `forget_undo` is given."""
    app.library.remove_library(library_id, forget_undo=forget_undo)


@router.get("/{library_id}/holdings", dependencies=READ)
def read_holdings(library_id: RowId, app: AppDep) -> HoldingsOut:
    """What is known of a library's files, and would be forgotten with it."""
    return HoldingsOut.model_validate(app.library.read_holdings(library_id))


@router.post("/{library_id}/scan", status_code=202, dependencies=JOBS)
def scan(
    library_id: RowId, app: AppDep, response: Response, body: ScanIn | None = None
) -> Accepted:
    """Look for new, changed and vanished files."""
    wish = body or ScanIn()
    return accept(response, app.library.scan(library_id, paths=wish.paths, force=wish.force))


@router.post("/{library_id}/purge", dependencies=WRITE)
def purge_missing(library_id: RowId, app: AppDep, forget_undo: ForgetUndo = False) -> PurgedOut:
    """Forget the files that are marked missing; those whose writes can be undone only with
    `forget_undo`."""
    removed = app.library.purge_missing(library_id, forget_undo=forget_undo)
    held = app.library.read_holdings(library_id).undoable_missing
    return PurgedOut(removed=removed, kept=held)
