"""Moves: a file that vanished here and appeared there keeps its row, and so its tags.

A missing row and a new file belong together when inode, size and time are the same (a rename), or
else when size and fingerprint are (a move to another disk). A copy is no move: its original is not
missing. Every file is used once.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from mediant.store.schema_library import file, library

NEW = "new"
"""State of a row that a scan found and that may yet prove to be a moved file. It becomes present,
or its place goes to the missing row, before anything is done with it."""

IS_MISSING: ColumnElement[bool] = file.c.state == literal_column("'missing'")
"""Written out, not bound: only so can a plan use the index of the missing rows."""

CHUNK = 500
"""Values in one SQL list; SQLite's and PostgreSQL's limits are far higher, plans get slow."""


class Candidate(NamedTuple):
    """A row that may be one end of a move."""

    id: int
    path: str
    size: int
    mtime_ns: int
    inode: int
    fingerprint: bytes | None
    missing_since: float | None


class Move(NamedTuple):
    """The missing row `old` is the file that was found as `new`."""

    old: Candidate
    new: Candidate


OnMoved = Callable[[Connection, Sequence[Move]], None]
"""Told of files that keep their row at another place, in the transaction that gave it to them:
the content is the same, its time may be another."""


def no_moves(_tx: Connection, _moves: Sequence[Move]) -> None:
    """The `OnMoved` of a server that only keeps the list of files."""


Key = Callable[[Candidate], Hashable | None]


def stat_key(row: Candidate) -> Hashable:
    """What a rename keeps."""
    return (row.inode, row.size, row.mtime_ns)


def content_key(row: Candidate) -> Hashable | None:
    """What a copy to another disk keeps; None where the content was never read."""
    return None if row.fingerprint is None else (row.size, row.fingerprint)


def pair_moves(new: Iterable[Candidate], missing: Iterable[Candidate], key: Key) -> list[Move]:
    """Pairs of equal keys; among several the same file name goes first, then the older row."""
    waiting = list(new)
    moves: list[Move] = []
    free = sorted(missing)
    for is_strict in (True, False):
        stock = _by_key(free, key, is_strict=is_strict)
        rest: list[Candidate] = []
        for row in waiting:
            olds = stock.get(_full_key(row, key, is_strict=is_strict))
            if olds:
                moves.append(Move(olds.pop(0), row))
            else:
                rest.append(row)
        used = {move.old.id for move in moves}
        free = [row for row in free if row.id not in used]
        waiting = rest
    return moves


def _full_key(row: Candidate, key: Key, *, is_strict: bool) -> Hashable | None:
    plain = key(row)
    if plain is None:
        return None
    return (plain, row.path.rpartition("/")[2]) if is_strict else plain


def _by_key(
    rows: Iterable[Candidate], key: Key, *, is_strict: bool
) -> dict[Hashable, list[Candidate]]:
    stock: dict[Hashable, list[Candidate]] = defaultdict(list)
    for row in rows:
        full = _full_key(row, key, is_strict=is_strict)
        if full is not None:
            stock[full].append(row)
    return dict(stock)


_COLUMNS = (
    file.c.id,
    file.c.path,
    file.c.size,
    file.c.mtime_ns,
    file.c.inode,
    file.c.fingerprint,
    file.c.missing_since,
)


def newest_file_id(tx: Connection) -> int:
    """The highest id so far; rows of later scans have higher ones."""
    return tx.scalar(select(func.max(file.c.id))) or 0


def list_new(tx: Connection, library_id: int, ids: tuple[int, int], limit: int) -> list[Candidate]:
    """New rows of a library with ids above the first and up to the second bound, by id."""
    low, high = ids
    rows = tx.execute(
        select(*_COLUMNS)
        # The sum keeps SQLite from sorting the whole library instead of walking its ids.
        .where(file.c.library_id + 0 == library_id, file.c.state == NEW)
        .where(file.c.id > low, file.c.id <= high)
        .order_by(file.c.id)
        .limit(limit)
    )
    return [Candidate(*row) for row in rows]


def list_missing(tx: Connection, sizes: Iterable[int]) -> list[Candidate]:
    """Missing rows of every library with one of these sizes."""
    libraries = list(tx.scalars(select(library.c.id)))
    wanted = sorted(set(sizes))
    found: list[Candidate] = []
    for first in range(0, len(wanted), CHUNK):
        rows = tx.execute(
            select(*_COLUMNS).where(
                file.c.library_id.in_(libraries),
                file.c.size.in_(wanted[first : first + CHUNK]),
                IS_MISSING,
            )
        )
        found += [Candidate(*row) for row in rows]
    return found


def repoint(tx: Connection, library_id: int, moves: Sequence[Move]) -> list[int]:
    """Give each missing row the place of its new one, which is removed. Returns the ids kept."""
    if not moves:
        return []
    for ids in chunks([move.new.id for move in moves]):
        tx.execute(delete(file).where(file.c.id.in_(ids)))
    tx.execute(
        update(file)
        .where(file.c.id == bindparam("row_id"))
        .values(
            library_id=library_id,
            path=bindparam("new_path"),
            mtime_ns=bindparam("new_mtime_ns"),
            inode=bindparam("new_inode"),
            state="present",
            missing_since=None,
        ),
        [
            {
                "row_id": old.id,
                "new_path": new.path,
                "new_mtime_ns": new.mtime_ns,
                "new_inode": new.inode,
            }
            for old, new in moves
        ],
    )
    return [move.old.id for move in moves]


def make_present(tx: Connection, ids: Sequence[int]) -> None:
    """These new rows are no moves: they are files of the library from now on."""
    for some in chunks(ids):
        tx.execute(
            update(file).where(file.c.id.in_(some), file.c.state == NEW).values(state="present")
        )


def store_fingerprints(tx: Connection, prints: dict[int, bytes]) -> None:
    """Keep fingerprints that were read anyway."""
    if prints:
        tx.execute(
            update(file)
            .where(file.c.id == bindparam("row_id"))
            .values(fingerprint=bindparam("new_print")),
            [{"row_id": row_id, "new_print": value} for row_id, value in prints.items()],
        )


def chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    """The ids in pieces that fit one SQL list."""
    return [ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK)]
