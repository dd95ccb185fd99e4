"""Which files carry a tag, as one bit a file, and how many carry two tags."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, cast, func, select

from mediant.errors import Invalid
from mediant.store.schema_tagging import tag_digest, tag_value
from mediant.tagging.analytics.digests import read_ids
from mediant.tagging.analytics.figures import TagPair
from mediant.tagging.counted import is_present

Bits = NDArray[np.uint8]
"""[newest file id // 8 + 1]: one bit a file."""

MOST_PAIRS = 16
"""Tags on each side of a matrix."""


def read_postings(
    connection: Connection, key: str, values: Iterable[str] | None = None
) -> Iterator[tuple[str, Bits]]:
    """Value -> its files, for those of `values` that some file has; all values of the key without.

    Read from the index alone.
    """
    newest = connection.scalar(select(func.max(tag_digest.c.file_id))) or 0
    ids = func.aggregate_strings(cast(tag_value.c.file_id, Text), " ")
    wanted = (tag_value.c.key == key) & is_present(connection, tag_value.c.file_id)
    if values is not None:
        wanted &= tag_value.c.value.in_(list(values))
    query = select(tag_value.c.value, ids.label("ids")).where(wanted).group_by(tag_value.c.value)
    for value, text in connection.execute(query):
        carries = np.zeros(newest + 1, np.bool_)
        carries[read_ids(text)] = True
        yield value, np.packbits(carries)


def read_commonest(connection: Connection, key: str, limit: int) -> dict[str, Bits]:
    """The `limit` values with the most files, most common first, equal numbers by name.

    All values are read, and only these are kept: to ask for their names first takes longer.
    """
    found = ((-count_files(bits), value, bits) for value, bits in read_postings(connection, key))
    return {value: bits for _count, value, bits in nsmallest(limit, found)}


def count_files(bits: Bits) -> int:
    """Files in a set."""
    return int(np.bitwise_count(bits).sum())


def count_common(one: Bits, other: Bits) -> int:
    """Files in both."""
    return count_files(one & other)


def count_pairs(
    connection: Connection, x: Sequence[TagPair], y: Sequence[TagPair]
) -> list[list[int]]:
    """`matrix[j][i]`: files that carry both `x[i]` and `y[j]`."""
    for name, side in (("x", x), ("y", y)):
        if not 1 <= len(side) <= MOST_PAIRS:
            text = f"A side takes 1 to {MOST_PAIRS} tags, not {len(side)}."
            raise Invalid(text, asset=name)
    files = _read_all(connection, {*x, *y})
    return [
        [count_common(files[a], files[b]) if a in files and b in files else 0 for a in x] for b in y
    ]


def _read_all(connection: Connection, pairs: Iterable[TagPair]) -> dict[TagPair, Bits]:
    values: dict[str, list[str]] = {}
    for pair in pairs:
        values.setdefault(pair.key, []).append(pair.value)
    return {
        TagPair(key, value): bits
        for key, wanted in values.items()
        for value, bits in read_postings(connection, key, wanted)
    }
