"""The rows that tell what our writes put into files. SQL for SQLite and PostgreSQL alike.

Everything here runs inside the caller's transaction and may be repeated without harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from mediant.kernel.clock import now_s, to_datetime
from mediant.store.schema_tagging import tag_write, track
from mediant.tagging.mood_lists import spell_moods
from mediant.tagging.rows import list_tags

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What a file carries of our tags: the mode, the calibration behind them, the mood lists."""

    mode: str
    calibration: str | None
    moods: str | None


def read_writable(tx: Connection, file_id: int, mode: str) -> Written:
    """What a write that just happened put into the file: the stored tags."""
    told = tx.scalar(select(track.c.calibration).where(track.c.file_id == file_id))
    return Written(mode, told, spell_moods(list_tags(tx, file_id)))


def note_written(tx: Connection, file_id: int, written: Written | None, content: Values) -> None:
    """Remember on the track what the file carries of our tags (None: nothing)."""
    values = {
        "written_mode": written.mode if written else None,
        "written_calibration": written.calibration if written else None,
        "written_moods": written.moods if written else None,
        "written_at": now_s(),
        "write_error": None,
        "size": content["size"],
        "mtime_ns": content["mtime_ns"],
    }
    tx.execute(update(track).where(track.c.file_id == file_id).values(values))


def note_write_error(tx: Connection, file_id: int, text: str | None) -> None:
    """Remember on the track why its tags are not in the file; None: nothing failed."""
    tx.execute(update(track).where(track.c.file_id == file_id).values(write_error=text))


def note_contents(tx: Connection, file_id: int, written: Written) -> None:
    """Remember at the newest write that stands what it put in."""
    newest = select(func.max(tag_write.c.id)).where(
        tag_write.c.file_id == file_id, tag_write.c.state == "applied"
    )
    values = {"calibration": written.calibration, "moods": written.moods}
    tx.execute(update(tag_write).where(tag_write.c.id == newest.scalar_subquery()).values(values))


def list_writes(tx: Connection, file_id: int, *states: str) -> list[Row[Any]]:
    """The writes of a file in these states, newest first."""
    wanted = (tag_write.c.file_id == file_id) & tag_write.c.state.in_(states)
    return list(tx.execute(select(tag_write).where(wanted).order_by(tag_write.c.id.desc())))


def last_undone(tx: Connection, file_id: int) -> float | None:
    """When a write to the file was undone last, in epoch seconds; None: never."""
    query = select(func.max(tag_write.c.undone_at)).where(tag_write.c.file_id == file_id)
    found: float | None = tx.scalar(query)
    return found


def tell_nothing_left(undone_at: float | None) -> str:
    """Why no write can be undone: there was none, or it was undone already. Pure."""
    if undone_at is None:
        return "Nothing was written to this file."
    when = to_datetime(undone_at).strftime("%Y-%m-%d %H:%M UTC")
    return f"What was written to this file is undone already, since {when}."
