"""`/api/v2/files`: files of the libraries, and what is known of each track."""

from typing import Annotated, Literal

from fastapi import Query

from mediant.api.auth import READ, AppDep
from mediant.api.numbers import RowId
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import (
    CursorQuery,
    LimitQuery,
    Moment,
    Out,
    Page,
    PathText,
    read_cursor,
    to_page,
)
from mediant.errors import NotFound

router = v2_router("files")

FileState = Literal["present", "missing", "ignored", "new"]

PathQuery = Annotated[str, Query(min_length=1, description="Path here or in another container.")]


class FileOut(Out):
    """One file."""

    id: int
    library_id: int
    path: PathText
    size: int
    mtime_ns: int
    state: FileState
    added_at: Moment
    changed_at: Moment
    missing_since: Moment | None


@router.get("", dependencies=READ)
def list_files(
    app: AppDep,
    library_id: RowId | None = None,
    state: FileState | None = None,
    text: Annotated[str | None, Query(max_length=500, description="Part of the path.")] = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 100,
) -> Page[FileOut]:
    """Files by id."""
    rows = app.library.list_files(
        library_id,
        state=state,
        after_id=read_cursor(cursor) or 0,
        limit=limit + 1,
        text=text,
    )
    return to_page(rows, limit, FileOut.model_validate)


@router.get("/by-path", dependencies=READ)
def find_file(path: PathQuery, app: AppDep) -> FileOut:
    """The file at a path."""
    found = app.library.find_file(app.library.to_ours(path))
    if found is None:
        raise NotFound("No library knows this file.", asset=path)
    return FileOut.model_validate(found)


@router.get("/{file_id}", dependencies=READ)
def get_file(file_id: RowId, app: AppDep) -> FileOut:
    """One file."""
    return FileOut.model_validate(app.library.get_file(file_id))
