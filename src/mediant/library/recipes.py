"""Files whose writes can still be undone. To forget the row of one is to lose its old bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from mediant.errors import Refused
from mediant.library.libraries import LibraryEntry
from mediant.library.moves import IS_MISSING
from mediant.store.schema_library import file
from mediant.store.schema_tagging import tag_write, track

UNDOABLE = ("applied", "prepared")
"""States of a write that can be taken back."""

CAN_UNDO: ColumnElement[bool] = (
    select(tag_write.c.id)
    .where(tag_write.c.file_id == file.c.id, tag_write.c.state.in_(UNDOABLE))
    .correlate(file)
    .exists()
)
"""The condition that a file holds a write which can be undone."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is known of a library's files, and would be forgotten with it.

    `tracks`: files that were analysed. `undoable`: files with writes that can still be undone;
    `undoable_missing` of them are missing.
    """

    files: int
    tracks: int
    undoable: int
    undoable_missing: int


def read_holdings(connection: Connection, library_id: int) -> Holdings:
    """Counted by the database."""

    def count(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(file)
        return connection.scalar(query.where(file.c.library_id == library_id, *conditions)) or 0

    analysed = select(track.c.file_id).where(track.c.file_id == file.c.id).correlate(file).exists()
    return Holdings(count(), count(analysed), count(CAN_UNDO), count(CAN_UNDO, IS_MISSING))


def forgettable(*, forget_undo: bool) -> Sequence[ColumnElement[bool]]:
    """The conditions under which a file's row may go."""
    return () if forget_undo else (~CAN_UNDO,)


def still_undoable(entry: LibraryEntry, held: Holdings) -> Refused:
    """The error of a library that is not removed, because writes to its files would stay."""
    files = "1 file holds" if held.undoable == 1 else f"{held.undoable} files hold"
    missing = f" ({held.undoable_missing} missing now)" if held.undoable_missing else ""
    text = f"{files}{missing} tags that can still be undone; without the library they could not be."
    remedy = (
        f"Undo them first with `mediant tag undo {entry.root_path}` (again for earlier writes), "
        "or repeat with `--forget-undo` (`forget_undo=true`)."
    )
    return Refused(text, asset=entry.name, remedy=remedy)
