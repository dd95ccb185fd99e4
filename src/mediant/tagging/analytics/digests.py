"""Reading the packed tags (`tag_digest`), a bounded part of the library at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, cast, func, select

from mediant.store.schema_tagging import tag_digest
from mediant.tagging.counted import is_present
from mediant.tagging.digest import Form, digest_tags
from mediant.tagging.rows import list_tags

BLOCK = 1 << 16
"""File ids that are read at once, so that memory does not grow with the library."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Tracks of one form."""

    form: Form
    count: int
    ids: NDArray[np.int64]
    """Their files, [count]; empty when they were not asked for."""
    numbers: NDArray[np.uint16]
    """Their decimals without the point, [count, decimals of the form]."""


def read_digests(connection: Connection, *, with_ids: bool = False) -> Iterator[Digests]:
    """The digests of present files, grouped by form within blocks of file ids."""
    forms: dict[int, Form] = {}
    present = is_present(connection, tag_digest.c.file_id)
    newest = connection.scalar(select(func.max(tag_digest.c.file_id))) or 0
    for low in range(0, newest, BLOCK):
        for row in connection.execute(_select_block(low, with_ids=with_ids).where(present)):
            if row.form not in forms:
                forms[row.form] = digest_tags(list_tags(connection, row.example)).form
            yield _unpack(row, forms[row.form])


def _select_block(low: int, *, with_ids: bool) -> Any:
    # Both texts are gathered by the same pass over the rows, so their orders agree.
    ids = func.aggregate_strings(cast(tag_digest.c.file_id, Text), " ")
    columns = (
        tag_digest.c.form,
        func.count().label("files"),
        func.min(tag_digest.c.file_id).label("example"),
        func.aggregate_strings(tag_digest.c.numbers, "").label("numbers"),
        *([ids.label("ids")] if with_ids else []),
    )
    is_in_block = tag_digest.c.file_id.between(low + 1, low + BLOCK)
    return select(*columns).where(is_in_block).group_by(tag_digest.c.form)


def _unpack(row: Any, form: Form) -> Digests:
    packed = np.frombuffer(bytes.fromhex(row.numbers), dtype=">u2").astype(np.uint16)
    numbers = packed.reshape(row.files, len(form.decimals))
    return Digests(form, row.files, read_ids(getattr(row, "ids", "")), numbers)


def read_ids(text: str) -> NDArray[np.int64]:
    """File ids as the database joined them: decimal, with spaces between."""
    return np.fromstring(text, dtype=np.int64, sep=" ") if text else np.zeros(0, np.int64)
