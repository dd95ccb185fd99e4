"""The rows of a track: storing, replacing and removing them. SQL for SQLite and PostgreSQL alike.

Everything here runs inside the caller's transaction and may be repeated without harm.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mediant.kernel.clock import now_s
from mediant.library.moves import Move
from mediant.store.schema_library import file, library, media
from mediant.store.schema_tagging import (
    embedding,
    head,
    score,
    tag_digest,
    tag_value,
    track,
)
from mediant.tagging.digest import digest_tags

Values = Mapping[str, Any]

_SIGNED = 1 << 63
_YEAR = re.compile(r"\d{4}")
_DIGITS = re.compile(r"\d+")
_TRACK_FIELDS = (
    "suite", "preset", "duration_s", "tempo_bpm", "tempo_confidence", "key", "mode",
    "key_strength", "energy", "decoder", "explanation", "calibration",
)  # fmt: skip


def to_json(value: Any) -> str:
    """Compact JSON text for a column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def find_number(value: str) -> float | None:
    """The number that a tag's value is, or None."""
    try:
        return float(value)
    except ValueError:
        return None


def upsert(tx: Connection, table: Table, values: Values) -> None:
    """Insert a row, or overwrite these columns of the one with the same primary key."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    keys = [column.name for column in table.primary_key.columns]
    rest = {name: value for name, value in values.items() if name not in keys}
    wish = dialect.insert(table).values(dict(values))
    tx.execute(wish.on_conflict_do_update(index_elements=keys, set_=rest))


def find_file(tx: Connection, file_id: int) -> Row[Any] | None:
    """The file with its library's root and write mode, or None when it was removed."""
    wanted = select(file, library.c.root_path, library.c.write_mode, library.c.id.label("root_id"))
    return tx.execute(
        wanted.join(library, library.c.id == file.c.library_id).where(file.c.id == file_id)
    ).one_or_none()


def find_track(tx: Connection, file_id: int) -> Row[Any] | None:
    """The track of a file, or None."""
    return tx.execute(select(track).where(track.c.file_id == file_id)).one_or_none()


def list_tags(tx: Connection, file_id: int) -> dict[str, list[str]]:
    """The tags of a file as they would be written; values sorted, genres by their strength."""
    found = tx.execute(
        select(tag_value.c.key, tag_value.c.value)
        .where(tag_value.c.file_id == file_id)
        .order_by(tag_value.c.key, tag_value.c.value)
    )
    tags: dict[str, list[str]] = {}
    for key, value in found:
        tags.setdefault(key, []).append(value)
    if len(tags.get("genre", ())) > 1:
        told = tx.execute(select(track.c.explanation).where(track.c.file_id == file_id)).scalar()
        order = [choice["word"] for choice in json.loads(told or "{}").get("genres", ())]
        tags["genre"].sort(key=lambda word: order.index(word) if word in order else len(order))
    return tags


def store_track(tx: Connection, file_id: int, analysis: Values, content: Values) -> None:
    """The musical facts; a former error goes. What was written into the file stays noted."""
    values = {name: analysis[name] for name in _TRACK_FIELDS}
    values |= {
        "file_id": file_id,
        "state": "tagged",
        "error_code": None,
        "error": None,
        "flags": json.dumps(analysis["flags"]),
        "size": content["size"],
        "mtime_ns": content["mtime_ns"],
        "analysed_at": now_s(),
    }
    upsert(tx, track, values)


def store_words(tx: Connection, file_id: int, told: Values, tags: Values) -> None:
    """New words for stored scores. `told`: {calibration, explanation}."""
    values = {name: told[name] for name in ("calibration", "explanation")}
    tx.execute(update(track).where(track.c.file_id == file_id).values(values))
    store_tags(tx, file_id, tags)


def list_scores(tx: Connection, file_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The stored scores of files, as `stored.StoredScore` wants them, by file."""
    columns = select(
        score.c.file_id, head.c.model, head.c.name, head.c.version, head.c.labels,
        score.c.patches, score.c.stats,
    )  # fmt: skip
    wanted = columns.join(head, head.c.id == score.c.head_id).where(score.c.file_id.in_(file_ids))
    found: dict[int, list[dict[str, Any]]] = {}
    labels: dict[str, list[str]] = {}
    for row in tx.execute(wanted):
        if row.labels not in labels:
            labels[row.labels] = json.loads(row.labels)
        found.setdefault(row.file_id, []).append(
            {
                "model": row.model,
                "name": row.name,
                "version": row.version,
                "labels": labels[row.labels],
                "patches": row.patches,
                "stats": row.stats,
            }
        )
    return found


def store_failure(tx: Connection, file_id: int, state: str, problem: tuple[str, str]) -> None:
    """A track that cannot be analysed. `problem` is (code, sentence).

    Results of the same content stay as they are and the error stands beside them; results of
    other content are gone, because they no longer speak of this file.
    """
    content = tx.execute(
        select(file.c.size, file.c.mtime_ns).where(file.c.id == file_id)
    ).one_or_none()
    if content is None:
        return
    old = find_track(tx, file_id)
    same = old is not None and (old.size, old.mtime_ns) == (content.size, content.mtime_ns)
    if old is not None and same and old.state == "tagged":
        noted = {"error_code": problem[0], "error": problem[1]}
        tx.execute(update(track).where(track.c.file_id == file_id).values(noted))
        return
    clear(tx, file_id)
    values = dict.fromkeys(_TRACK_FIELDS) | {
        "file_id": file_id,
        "state": state,
        "error_code": problem[0],
        "error": problem[1],
        "write_error": None,
        "flags": "[]",
        "size": content.size,
        "mtime_ns": content.mtime_ns,
        "analysed_at": now_s(),
    }
    upsert(tx, track, values)


def clear(tx: Connection, file_id: int) -> None:
    """Remove scores, embeddings and tags of a file (the rows, not the tags in it)."""
    for table in (score, embedding, tag_value, tag_digest):
        tx.execute(delete(table).where(table.c.file_id == file_id))


def store_scores(tx: Connection, file_id: int, scores: Sequence[Values]) -> None:
    """All scores of a file; those of other models or versions go."""
    ids = name_heads(tx, scores)
    tx.execute(delete(score).where(score.c.file_id == file_id))
    rows = [
        {
            "file_id": file_id,
            "head_id": ids[found["model"], found["name"], found["version"]],
            "patches": found["patches"],
            "stats": found["stats"],
        }
        for found in scores
    ]
    if rows:
        tx.execute(insert(score), rows)


def name_heads(tx: Connection, scores: Sequence[Values]) -> dict[tuple[str, str, str], int]:
    """The ids of the heads behind these scores; new heads are added."""
    names = {(found["model"], found["name"], found["version"]): found for found in scores}
    ids = _find_heads(tx, names)
    missing = [
        {
            "model": found["model"],
            "name": found["name"],
            "version": found["version"],
            "labels": json.dumps(found["labels"], ensure_ascii=False),
        }
        for name, found in names.items()
        if name not in ids
    ]
    if missing:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(head).on_conflict_do_nothing(), missing)
        ids = _find_heads(tx, names)
    return ids


def _find_heads(
    tx: Connection, names: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], int]:
    models = sorted({model for model, _name, _version in names})
    columns = select(head.c.id, head.c.model, head.c.name, head.c.version)
    found = tx.execute(columns.where(head.c.model.in_(models)))
    return {(row.model, row.name, row.version): row.id for row in found}


def store_embeddings(tx: Connection, file_id: int, embeddings: Sequence[Values]) -> None:
    """The vectors of a file, one a backbone."""
    tx.execute(delete(embedding).where(embedding.c.file_id == file_id))
    if embeddings:
        tx.execute(insert(embedding), [{"file_id": file_id, **found} for found in embeddings])


def _upsert_digest(dialect: ModuleType) -> Any:
    wish = dialect.insert(tag_digest)
    rest = {name: wish.excluded[name] for name in ("form", "numbers")}
    return wish.on_conflict_do_update(index_elements=["file_id"], set_=rest)


# Made once: to compose them for each track would take longer than to run them.
_ADD_TAGS = insert(tag_value)
_CLEAR_TAGS = delete(tag_value).where(tag_value.c.file_id == bindparam("of"))
_UPSERT_DIGEST = MappingProxyType(
    {"sqlite": _upsert_digest(sqlite), "postgresql": _upsert_digest(postgresql)}
)


def store_tags(tx: Connection, file_id: int, tags: Mapping[str, Sequence[str]]) -> None:
    """The tags of a file as they would be written. Whoever else writes `tag_value` must keep
    `tag_digest` in step (`store_digests`).
    """
    tx.execute(_CLEAR_TAGS, {"of": file_id})
    rows = [
        {"file_id": file_id, "key": key, "value": value, "number": find_number(value)}
        for key, values in tags.items()
        for value in dict.fromkeys(values)
    ]
    if rows:
        tx.execute(_ADD_TAGS, rows)
    digest = digest_tags(tags)
    store_digests(tx, [(file_id, digest.form.id, digest.numbers)])


def store_digests(tx: Connection, digests: Sequence[tuple[int, int, str]]) -> None:
    """The packed tags of files: (file's id, form, numbers) of all their tags (`digest`)."""
    names = ("file_id", "form", "numbers")
    found = [dict(zip(names, one, strict=True)) for one in digests]
    if found:
        tx.execute(_UPSERT_DIGEST[tx.dialect.name], found)


def store_media(tx: Connection, file_id: int, facts: Values) -> None:
    """What the container says about the file."""
    # PostgreSQL's text has no place for NUL, and damaged tags have them.
    own = {str(key).lower(): str(value).replace("\0", "") for key, value in facts["tags"].items()}
    values = {name: value for name, value in facts.items() if name != "tags"}
    values |= {
        "file_id": file_id,
        "title": own.get("title"),
        "artist": own.get("artist"),
        "album_artist": own.get("album_artist") or own.get("albumartist"),
        "album": own.get("album"),
        "genre": own.get("genre"),
        "year": _find_int(_YEAR, own.get("date") or own.get("year")),
        "track_no": _find_int(_DIGITS, own.get("track") or own.get("tracknumber")),
        "probed_at": now_s(),
    }
    upsert(tx, media, values)


def _find_int(pattern: re.Pattern[str], text: str | None) -> int | None:
    found = pattern.search(text or "")
    return int(found.group()[:9]) if found else None


def refresh_file(tx: Connection, file_id: int, content: Values, *, written: bool) -> None:
    """Make the file's row say what the result speaks of.

    After our own write always, so that the next scan sees no change. Otherwise only the
    fingerprint, and only if the row still is of the content that was read.
    """
    values: dict[str, Any] = {}
    if content.get("fingerprint") is not None:
        values["fingerprint"] = content["fingerprint"]
    wanted = file.c.id == file_id
    if written:
        values |= {
            "size": content["size"],
            "mtime_ns": content["mtime_ns"],
            "inode": to_signed(content["inode"]),
            # A scan that began before our write has seen the old file; it leaves newer rows alone.
            "changed_at": now_s(),
        }
    else:
        seen = content["seen"]
        wanted &= (file.c.size == seen["size"]) & (file.c.mtime_ns == seen["mtime_ns"])
    if values:
        tx.execute(update(file).where(wanted).values(values))


def to_signed(inode: int) -> int:
    """An inode number as a signed 64-bit number, the way `file.inode` keeps it."""
    return inode - 2 * _SIGNED if inode >= _SIGNED else inode


def keep_moved(tx: Connection, moves: Sequence[Move]) -> None:
    """Files at another place hold the content that was analysed, though a copy gave it a new time.

    Told by the library (`OnMoved`), in its transaction.
    """
    stamps = [
        {"row_id": old.id, "old_mtime_ns": old.mtime_ns, "new_mtime_ns": new.mtime_ns}
        for old, new in moves
        if old.mtime_ns != new.mtime_ns
    ]
    if not stamps:
        return
    analysed: ColumnElement[bool] = track.c.mtime_ns == bindparam("old_mtime_ns")
    tx.execute(
        update(track)
        .where(track.c.file_id == bindparam("row_id"), analysed)
        .values(mtime_ns=bindparam("new_mtime_ns")),
        stamps,
    )
