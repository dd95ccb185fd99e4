"""The worker's half of a retagging: read stored scores, compose words, hand over what differs.

The one kind of work besides calibration that reads the database from a worker; it cannot write
there. Pages are read in short snapshots, so that no log grows meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from mediant.jobs.watch import Toolbox, Watch
from mediant.models.registry import discover
from mediant.models.suite import Suite, require_backbones
from mediant.settings.model import TaggingSettings
from mediant.store.reading import open_reader
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import tag_value, tag_write, track
from mediant.tagging import rows
from mediant.tagging.compose import Signal, Terms, Words, compose, explain
from mediant.tagging.digest import digest_tags
from mediant.tagging.mood_lists import MOOD_LISTS, spell_moods
from mediant.tagging.spans import read_calibration
from mediant.tagging.stored import read_stored, restore_heads
from mediant.tagging.tools import make_terms
from mediant.tagging.wish import UNSUPPORTED, WAITS, effective_mode

PAGE = 500
"""Tracks that are read at once."""
PART = 25
"""Changed tracks that are handed over at once: their transaction is a matter of milliseconds."""
STAGE = "retag"

Payload = Mapping[str, Any]
Pairs = frozenset[tuple[str, str]]
"""Tags as (key, value)."""


@dataclass
class Counts:
    """The job's summary. A track that somebody else changes meanwhile keeps the newer words."""

    tracks: int = 0
    moods_changed: int = 0
    tags_changed: int = 0
    files_to_write: int = 0
    outdated_models: int = 0
    """Scores of other models than those installed, or of another preset: left alone."""
    outdated_files: int = 0
    """Files that changed since they were analysed: left to the next analysis."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every track of the job."""

    suite: Suite
    settings: TaggingSettings
    terms: Terms
    rewrites_all: bool
    may_write_waiting: bool
    """Whether the first calibration is there, for which some writes have waited."""


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """A tagged track as it is stored, with its file and library."""

    row: Row[Any]
    tags: Pairs
    scores: Sequence[Mapping[str, Any]]
    is_undone: bool
    """The newest write to the file was taken back."""


@dataclass
class Hand:
    """Changes on their way to the server."""

    watch: Watch
    is_dry: bool
    changes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, change: dict[str, Any]) -> None:
        """Take one more; hand over when there are enough."""
        self.changes.append(change)
        if len(self.changes) >= PART:
            self.over()

    def over(self) -> None:
        """Hand over; returns when they are stored."""
        if self.changes and not self.is_dry:
            self.watch.emit({"tracks": self.changes})
        self.changes = []


def retag(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Compose the words of every stored track anew and hand over those that differ.

    ModelError while no network is installed: nothing tells what the scores mean.
    """
    settings = TaggingSettings(**payload["settings"])
    suite, calibration = discover(Path(payload["models"])), read_calibration(payload["calibration"])
    require_backbones(suite)
    terms = make_terms(suite, settings, calibration)
    setting = Setting(
        suite, settings, terms, bool(payload["all"]), payload["calibration"] is not None
    )
    counts, hand = Counts(), Hand(watch, is_dry=payload["dry_run"])
    with open_reader(payload["database"]) as connection:
        counts.outdated_models = count_outdated(connection, payload["library_id"], setting)
        counts.tracks = counts.outdated_models
        for page in read_pages(connection, payload["library_id"], setting):
            for one in page:
                _look_at(one, setting, counts, hand)
            hand.over()
            watch.report(min(1.0, counts.tracks / max(1, payload["tracks"])), STAGE)
            watch.stop_if_cancelled()
    return {**asdict(counts), "calibration": calibration.name, "dry_run": payload["dry_run"]}


def _look_at(one: StoredTrack, setting: Setting, counts: Counts, hand: Hand) -> None:
    """Count a track, and hand over what changes."""
    row = one.row
    counts.tracks += 1
    if (row.size, row.mtime_ns) != (row.file_size, row.file_mtime_ns):
        counts.outdated_files += 1
        return
    words = recall(one, setting)
    tags = frozenset((key, value) for key, values in words.tags.items() for value in values)
    moods_differ = _pick_moods(tags) != _pick_moods(one.tags)
    counts.moods_changed += moods_differ
    counts.tags_changed += tags != one.tags
    writes = needs_write(one, words, setting, moods_differ=moods_differ)
    counts.files_to_write += writes
    name = setting.terms.calibration.name
    differs = tags != one.tags or row.calibration != name
    if not differs and not writes:
        return
    digest = digest_tags(words.tags)
    hand.add(
        {
            "file_id": row.id,
            "seen": [row.analysed_at, row.size, row.mtime_ns, row.calibration],
            "differs": differs,
            "calibration": name,
            "explanation": explain(words, setting.terms.calibration) if differs else None,
            "drop": sorted(one.tags - tags),
            "add": sorted(tags - one.tags),
            "digest": [digest.form.id, digest.numbers],
            "writes": writes,
        }
    )


def recall(one: StoredTrack, setting: Setting) -> Words:
    """The words of a track from what is stored of it."""
    row = one.row
    heads = restore_heads(setting.suite, [read_stored(told) for told in one.scores])
    return compose(heads, Signal(row.tempo_bpm, row.key, row.mode, row.energy), setting.terms)


def needs_write(one: StoredTrack, words: Words, setting: Setting, *, moods_differ: bool) -> bool:
    """Whether the file shall get these words.

    It does when its mood words are others. What a user took back or out stays so until the words
    change; a write that waited for the first calibration is due. Numbers alone are no reason,
    unless everything shall be rewritten.
    """
    row = one.row
    mode = effective_mode(row.write_mode, setting.settings)
    if mode == "none" or row.file_state != "present" or row.write_error == UNSUPPORTED:
        return False
    if setting.rewrites_all:
        return _differs_in_file(one, words, setting, mode)
    if row.write_error == WAITS:
        return setting.may_write_waiting
    if row.written_mode is None:
        return False
    if one.is_undone:
        return moods_differ
    return bool(row.written_moods != spell_moods(words.tags))


def _differs_in_file(one: StoredTrack, words: Words, setting: Setting, mode: str) -> bool:
    row = one.row
    if row.written_mode != mode or row.written_moods != spell_moods(words.tags):
        return True
    by_another = row.written_calibration != setting.terms.calibration.name
    tags = {(key, value) for key, values in words.tags.items() for value in values}
    return mode == "full" and (by_another or tags != one.tags)


def _pick_moods(tags: Pairs) -> Pairs:
    return frozenset(pair for pair in tags if pair[0] in MOOD_LISTS)


def count_outdated(connection: Connection, library_id: int | None, setting: Setting) -> int:
    """Tagged tracks whose scores are of other models, or of another preset. Nothing of them is
    read: after new models that is the whole library."""
    query = select(func.count()).select_from(track).join(file, file.c.id == track.c.file_id)
    query = query.where(track.c.state == "tagged", ~_is_by_these(setting))
    if library_id is not None:
        query = query.where(file.c.library_id + 0 == library_id)
    count = int(connection.scalar(query) or 0)
    connection.rollback()
    return count


def _is_by_these(setting: Setting) -> ColumnElement[bool]:
    same_suite = track.c.suite.is_not_distinct_from(setting.terms.suite)
    return and_(same_suite, track.c.preset.is_not_distinct_from(setting.settings.preset))


def read_pages(
    connection: Connection, library_id: int | None, setting: Setting
) -> Iterator[list[StoredTrack]]:
    """The tagged tracks of the installed models by their ids, `PAGE` at once, each page in a
    snapshot of its own."""
    query: Select[Any] = select(
        track.c.file_id.label("id"), track.c.tempo_bpm, track.c.key,
        track.c.mode, track.c.energy, track.c.size, track.c.mtime_ns, track.c.calibration,
        track.c.written_mode, track.c.written_calibration, track.c.written_moods,
        track.c.write_error, track.c.analysed_at, file.c.size.label("file_size"),
        file.c.mtime_ns.label("file_mtime_ns"), file.c.state.label("file_state"),
        library.c.write_mode,
    )  # fmt: skip
    query = query.join(file, file.c.id == track.c.file_id)
    query = query.join(library, library.c.id == file.c.library_id)
    query = query.where(track.c.state == "tagged", _is_by_these(setting))
    if library_id is not None:
        # The sum keeps the databases on the ids: they would else sort a whole library by page.
        query = query.where(file.c.library_id + 0 == library_id)
    low = 0
    while True:
        page = query.where(track.c.file_id > low).order_by(track.c.file_id).limit(PAGE)
        found = connection.execute(page).all()
        if not found:
            return
        stored = _complete(connection, found)
        connection.rollback()
        yield stored
        low = found[-1].id


def _complete(connection: Connection, found: Sequence[Row[Any]]) -> list[StoredTrack]:
    ids = [row.id for row in found]
    scores, tags = rows.list_scores(connection, ids), _list_tags(connection, ids)
    undone = _find_undone(connection, ids)
    return [
        StoredTrack(row, frozenset(tags.get(row.id, ())), scores.get(row.id, []), row.id in undone)
        for row in found
    ]


def _list_tags(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    columns = select(tag_value.c.file_id, tag_value.c.key, tag_value.c.value)
    found: dict[int, list[tuple[str, str]]] = {}
    for file_id, key, value in connection.execute(columns.where(tag_value.c.file_id.in_(ids))):
        found.setdefault(file_id, []).append((key, value))
    return found


def _find_undone(connection: Connection, ids: Sequence[int]) -> set[int]:
    """The files whose newest write was taken back."""
    columns = select(tag_write.c.file_id, tag_write.c.state).order_by(tag_write.c.id)
    found = connection.execute(columns.where(tag_write.c.file_id.in_(ids)))
    newest = {row.file_id: row.state for row in found}
    return {file_id for file_id, state in newest.items() if state == "undone"}
