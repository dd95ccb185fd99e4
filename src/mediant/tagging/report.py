"""All that is stored about one track, and why it got its words: what `mediant show` shows."""

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import byteorder
from typing import Any

from sqlalchemy import Connection, select

from mediant.errors import NotFound
from mediant.kernel.clock import to_iso
from mediant.store.schema_library import media
from mediant.store.schema_tagging import embedding, head, score
from mediant.tagging import rows, written

STATISTICS = ("trimmed", "mean", "deviation", "p10", "p50", "p90")
_WRITE_STATES = ("prepared", "applied", "undone")


@dataclass(frozen=True, slots=True)
class HeadReport:
    """One head: label -> statistic -> raw value; None where there is no number."""

    model: str
    name: str
    version: str
    patches: int
    labels: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class EmbeddingReport:
    """A stored vector, without its numbers."""

    model: str
    version: str
    dim: int


@dataclass(frozen=True, slots=True)
class WriteReport:
    """One write to the file. `state`: prepared, applied or undone."""

    id: int
    state: str
    mode: str
    written_at: str | None
    undone_at: str | None


@dataclass(frozen=True, slots=True)
class TrackReport:
    """What is known of a file. `state`: tagged, failed, skipped, or unknown (never analysed).

    `facts` holds tempo, key, energy and what produced them; `media` what the container says;
    `explanation` the moods (also those that were dropped, with the reason), genres and era, each
    with raw score, calibrated score, the span behind it and the thresholds that it passed.
    """

    file_id: int
    path: Path
    state: str
    error_code: str | None
    error: str | None
    facts: Mapping[str, Any]
    media: Mapping[str, Any]
    tags: Mapping[str, Sequence[str]]
    explanation: Mapping[str, Any]
    heads: Sequence[HeadReport]
    embeddings: Sequence[EmbeddingReport]
    writes: Sequence[WriteReport]
    is_outdated: bool
    """The file changed since it was analysed."""


def read_report(connection: Connection, file_id: int) -> TrackReport:
    """Everything about a file; NotFound when there is no such file."""
    found = rows.find_file(connection, file_id)
    if found is None:
        raise NotFound("There is no such file.", asset=str(file_id))
    track = rows.find_track(connection, file_id)
    known = track._asdict() if track is not None else {}
    outdated = track is not None and (track.size, track.mtime_ns) != (found.size, found.mtime_ns)
    return TrackReport(
        file_id=file_id,
        path=Path(found.root_path, found.path),
        state=known.get("state", "unknown"),
        error_code=known.get("error_code"),
        error=known.get("error"),
        facts=_read_facts(known),
        media=_read_media(connection, file_id),
        tags=rows.list_tags(connection, file_id),
        explanation=json.loads(known.get("explanation") or "{}"),
        heads=_list_heads(connection, file_id),
        embeddings=_list_embeddings(connection, file_id),
        writes=_list_writes(connection, file_id),
        is_outdated=outdated,
    )


def _read_facts(known: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "suite", "preset", "duration_s", "tempo_bpm", "tempo_confidence", "key", "mode",
        "key_strength", "energy", "decoder", "calibration", "written_mode", "written_calibration",
        "write_error",
    )  # fmt: skip
    facts = {name: known.get(name) for name in names}
    facts["flags"] = json.loads(known.get("flags") or "[]")
    facts["written_at"] = to_iso(known.get("written_at"))
    facts["analysed_at"] = to_iso(known.get("analysed_at"))
    return facts


def _read_media(connection: Connection, file_id: int) -> dict[str, Any]:
    found = connection.execute(select(media).where(media.c.file_id == file_id)).one_or_none()
    if found is None:
        return {}
    hidden = ("file_id", "probed_at")
    return {name: value for name, value in found._asdict().items() if name not in hidden}


def _list_heads(connection: Connection, file_id: int) -> list[HeadReport]:
    columns = select(head, score.c.patches, score.c.stats).join(score, score.c.head_id == head.c.id)
    found = connection.execute(
        columns.where(score.c.file_id == file_id).order_by(head.c.model, head.c.name)
    )
    return [
        HeadReport(
            row.model,
            row.name,
            row.version,
            row.patches,
            read_statistics(row.stats, json.loads(row.labels)),
        )
        for row in found
    ]


def read_statistics(stats: bytes, labels: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """The stored float32 [6, labels] as label -> statistic -> value."""
    numbers = array("f", stats)
    if byteorder == "big":
        numbers.byteswap()
    width = len(labels)
    return {
        label: {name: _finite(numbers[row * width + column]) for row, name in enumerate(STATISTICS)}
        for column, label in enumerate(labels)
    }


def _finite(number: float) -> float | None:
    return None if number != number else number


def _list_embeddings(connection: Connection, file_id: int) -> list[EmbeddingReport]:
    columns = select(embedding.c.model, embedding.c.version, embedding.c.dim)
    found = connection.execute(
        columns.where(embedding.c.file_id == file_id).order_by(embedding.c.model)
    )
    return [EmbeddingReport(row.model, row.version, row.dim) for row in found]


def _list_writes(connection: Connection, file_id: int) -> list[WriteReport]:
    return [
        WriteReport(row.id, row.state, row.mode, to_iso(row.written_at), to_iso(row.undone_at))
        for row in written.list_writes(connection, file_id, *_WRITE_STATES)
    ]
