"""What all resources of v2 share: pages, moments, paths, the answer to a long action."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mediant.api.v2.problem import PREFIX
from mediant.errors import Invalid
from mediant.jobs.job import Enqueued
from mediant.kernel.clock import to_datetime

T = TypeVar("T")

MAX_LIMIT = 1000
CURSOR_DIGITS = 18
"""No id has more; what has would not fit into a column."""


def _to_moment(value: Any) -> Any:
    return to_datetime(value) if isinstance(value, int | float) else value


def _to_text(value: Any) -> Any:
    """A path as text; bytes that are no UTF-8 become replacement characters."""
    if isinstance(value, Path):
        return str(value).encode(errors="surrogateescape").decode(errors="replace")
    return value


Moment = Annotated[datetime, BeforeValidator(_to_moment)]
"""ISO 8601 with offset on the wire, epoch seconds in the core."""

PathText = Annotated[str, BeforeValidator(_to_text)]


class Out(BaseModel):
    """Base of what v2 answers; reads the core's values by attribute."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """Base of what v2 takes; unknown fields are refused, so that a typo is noticed."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` goes into `?cursor=` of the next call; null on the last page."""

    items: list[T]
    next: str | None = None


class Accepted(Out):
    """A long action was taken on as a job."""

    job_id: int
    created: bool = Field(description="False when the same work was already waiting or running.")
    raised: bool = Field(description="Whether that work now does more, or goes before others.")
    follows: bool = Field(description="Whether the wish starts when that work has ended.")


LimitQuery = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items on a page.")]
CursorQuery = Annotated[str | None, Query(description="`next` of the page before.")]


def read_cursor(cursor: str | None) -> int | None:
    """The id that a cursor stands for. Raises `Invalid` for anything that we did not make."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= CURSOR_DIGITS):
        raise Invalid("This is not a cursor of this list.", asset="cursor")
    return int(cursor)


def to_page(rows: Sequence[Any], limit: int, out: Callable[[Any], T]) -> Page[T]:
    """A page from up to `limit` + 1 rows; the row too many says that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=[out(row) for row in shown], next=str(shown[-1].id) if more else None)


def accept(response: Response, enqueued: Enqueued) -> Accepted:
    """Answer 202's body, with the job's address in `Location`."""
    response.headers["Location"] = f"{PREFIX}/jobs/{enqueued.job_id}"
    return Accepted.model_validate(enqueued)
