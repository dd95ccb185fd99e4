"""Pages, cursors, moments and paths of v2."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.v2.wire import Moment, Out, PathText, read_cursor, to_page
from mediant.errors import Invalid


@dataclass
class Row:
    id: int


@given(st.integers(0, 50), st.integers(1, 20))
def test_pages_hold_every_row_once(total: int, limit: int) -> None:
    rows = [Row(n) for n in range(1, total + 1)]
    seen: list[int] = []
    cursor: str | None = None
    while True:
        after = read_cursor(cursor) or 0
        found = [row for row in rows if row.id > after][: limit + 1]
        page = to_page(found, limit, lambda row: row.id)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert seen == [row.id for row in rows]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "٣"])
def test_a_made_up_cursor_is_invalid(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor)


class Shown(Out):
    at: Moment
    path: PathText


def test_moments_have_an_offset_and_paths_are_text() -> None:
    shown = Shown.model_validate({"at": 0.5, "path": Path("/m/\udcff.mp3")})
    assert shown.model_dump_json() == '{"at":"1970-01-01T00:00:00.500000Z","path":"/m/\ufffd.mp3"}'
