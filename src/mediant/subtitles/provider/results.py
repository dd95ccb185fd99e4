"""Texts that were heard, kept for whoever asks again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from mediant.kernel.clock import now_s
from mediant.store.schema_subtitles import asr_result

KEEP_S = 30 * 86_400.0
"""What nobody asked for in so long is forgotten."""

MOST_BYTES = 256 << 20
"""Of all texts together; those that were not asked for the longest go first."""

TOUCH_S = 3600.0
"""A use is noted at most so often."""

_columns = asr_result.c


def find_text(tx: Connection, key: str, form: str) -> str | None:
    """The answer in one form; None when it is not known."""
    query = select(_columns.body).where(_columns.key == key, _columns.form == form)
    return tx.execute(query).scalar()


def is_known(tx: Connection, key: str) -> bool:
    """Whether there is an answer."""
    query = select(_columns.key).where(_columns.key == key).limit(1)
    return tx.execute(query).first() is not None


def is_worn(tx: Connection, key: str) -> bool:
    """Whether its use is to be noted again."""
    used = tx.execute(select(func.max(_columns.used_at)).where(_columns.key == key)).scalar()
    return used is not None and used < now_s() - TOUCH_S


def note_use(tx: Connection, key: str) -> None:
    """Somebody asked for it."""
    tx.execute(update(asr_result).where(_columns.key == key).values(used_at=now_s()))


def keep_texts(tx: Connection, key: str, texts: Mapping[str, str], video: str | None) -> None:
    """Keep the answer in all its forms, in place of an older one; the oldest others may go."""
    now = now_s()
    tx.execute(delete(asr_result).where(_columns.key == key))
    rows: list[dict[str, Any]] = [
        {
            "key": key,
            "form": form,
            "body": body,
            "size": len(body.encode()),
            "video": video,
            "made_at": now,
            "used_at": now,
        }
        for form, body in texts.items()
    ]
    tx.execute(insert(asr_result), rows)
    prune(tx)


def prune(tx: Connection, most_bytes: int = MOST_BYTES, keep_s: float = KEEP_S) -> int:
    """Forget what is too old, and the oldest of what is too much; how many answers."""
    last = func.max(_columns.used_at).label("last")
    sizes = select(_columns.key, func.sum(_columns.size), last).group_by(_columns.key)
    limit, left, dead = now_s() - keep_s, most_bytes, []
    for key, size, used_at in tx.execute(sizes.order_by(last.desc())).all():
        left -= int(size)
        if left < 0 or used_at < limit:
            dead.append(key)
    for key in dead:
        tx.execute(delete(asr_result).where(_columns.key == key))
    return len(dead)
