"""What a worker does for this room: tag a file, and take a write back. No database here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mediant.errors import MediaError
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s
from mediant.kernel.unreadable import unreadable
from mediant.library.fingerprint import read_fingerprint
from mediant.settings.model import TaggingSettings
from mediant.tagging.compose import Signal, Words, compose
from mediant.tagging.mood_lists import spell_moods
from mediant.tagging.own_tags import check_sound
from mediant.tagging.parcel import pack_track, pack_write
from mediant.tagging.pipeline import STAGES, run
from mediant.tagging.spans import read_calibration
from mediant.tagging.stored import read_stored, restore_heads
from mediant.tagging.tags import Tags
from mediant.tagging.tools import Tools, make_networks, make_sandbox
from mediant.tagging.track import Track, WriteOutcome
from mediant.tagging.write import UndoOutcome, discard_leftover, undo_write
from mediant.tagging.writeback import WritePlan, settle, write_tags

Payload = Mapping[str, Any]

UNDO_TEXTS = {
    UndoOutcome.EXACT: "The file is byte for byte what it was before the write.",
    UndoOutcome.TAGS_ONLY: "The file was changed since; our tags are what they were before.",
}


@dataclass(frozen=True, slots=True)
class FileState:
    """What the file system says about a file's content."""

    size: int
    mtime_ns: int
    inode: int


def tag(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Analyse one file and, when a write mode asks for it, write its tags.

    A file whose analysis is current is not analysed again: where only the calibration is another,
    the stored scores get new words, and when only the write is missing, the tags are written.
    """
    path = Path(payload["path"])
    started = monotonic_s()
    before = read_state(path)
    clean_up(path, payload, watch)
    kit = make_tools(payload, watch, tools)
    track, waits = Track(path), bool(payload.get("waits"))
    if is_current(payload, kit, before):
        words = recompose(payload["known"], kit)
        tags = words.tags if words else _read_tags(payload["known"]["tags"])
        needs_write = is_write_missing(payload, tags)
        waits = waits and needs_write
        if words is None and (waits or not needs_write):
            reason = f"already_tagged_{payload['known']['suite']}"
            return {"file": str(path), "skipped": True, "skip_reason": reason, "tags_written": 0,
                    "waits": waits}  # fmt: skip
        writes = needs_write and not waits
        passed = tuple(stage.name for stage in STAGES if not (writes and stage.name == "write"))
        track = Track(path, passed=passed, words=words, tags=tags)
    track = run(track, kit, watch)
    return {
        **pack_track(track, kit),
        **describe_content(path, before, track.write),
        "elapsed_s": monotonic_s() - started,
        "waits": waits,
    }


def untag(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Remove our own tags from a file, and nothing else. It can be undone like any write.

    MediaError for what is no sound file.
    """
    path = Path(payload["path"])
    before = read_state(path)
    clean_up(path, payload, watch)
    plan = _make_plan(payload, watch, "none")
    outcome = write_tags(path, {}, plan)
    if outcome.state == "skipped":  # for its kind, or because it is no sound file at all
        check_sound(path, is_sound=payload.get("known") is not None)
    watch.report(1.0, "write")
    return {
        "file": str(path),
        "write": pack_write(outcome),
        **describe_content(path, before, outcome),
    }


def undo(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Take the newest write of a file back; byte for byte unless somebody changed it since.

    WriteError when the file cannot be changed; it is then as it was.
    """
    path, write = Path(payload["path"]), payload["write"]
    before = read_state(path)
    discard_leftover(path)
    settings = TaggingSettings(**payload["settings"])
    outcome = undo_write(
        path,
        undo=write["undo"],
        before_hash=write["before_hash"],
        after_hash=write["after_hash"],
        own_before=json.loads(write["own_before"]),
        namespace=settings.namespace,
        keep_mtime=settings.keep_mtime,
        break_links=settings.break_hard_links,
    )
    watch.report(1.0, "write")
    state = read_state(path)
    return {
        "file": str(path),
        "write_id": write["id"],
        "outcome": outcome.value,
        "text": UNDO_TEXTS[outcome],
        "size": state.size,
        "mtime_ns": state.mtime_ns,
        "inode": state.inode,
        "seen": {"size": before.size, "mtime_ns": before.mtime_ns},
        "fingerprint": find_fingerprint(path, state),
    }


def tidy(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Clear up after a job that was given up in the middle: nothing of it stays beside the file."""
    path = Path(payload["path"])
    read_state(path)
    clean_up(path, payload, watch)
    return {"file": str(path)}


def clean_up(path: Path, payload: Payload, watch: Watch) -> None:
    """Finish what an interrupted attempt left: its temporary file, and its undo record."""
    discard_leftover(path)
    if payload.get("prepared"):
        settle(path, watch.emit)


def make_tools(payload: Payload, watch: Watch, tools: Toolbox) -> Tools:
    """The tools of a job; networks and the sandbox are kept between jobs."""
    settings = TaggingSettings(**payload["settings"])
    folder = Path(payload["models"])
    networks_name = f"tagging networks {folder} {payload['suite']} {settings.accelerator}"
    sandbox_name = f"decoder {settings.decode_memory_mb} {settings.decode_timeout_s}"
    idle_s = settings.model_idle_s
    kit = Tools(
        tools.get(networks_name, lambda: make_networks(folder, settings), idle_s),
        tools.get(sandbox_name, lambda: make_sandbox(settings), idle_s),
        settings,
        read_calibration(payload.get("calibration")),
    )
    mode = "none" if payload.get("waits") else payload.get("write_mode") or "none"
    return kit if mode == "none" else replace(kit, write=_make_plan(payload, watch, mode))


def is_current(payload: Payload, kit: Tools, now: FileState) -> bool:
    """Whether the stored analysis is of this very content, by these models.

    By another calibration it is current all the same, as long as its scores are there. Where no
    models are installed (their folder is away) there is no better one to be had.
    """
    known = payload.get("known")
    if known is None or payload.get("force"):
        return False
    if (known["size"], known["mtime_ns"]) != (now.size, now.mtime_ns):
        return False
    if not kit.suite.backbones:
        return True
    if known["calibration"] != kit.calibration.name and not known.get("scores"):
        return False
    return (known["suite"], known["preset"]) == (kit.suite.version, kit.settings.preset)


def recompose(known: Mapping[str, Any], kit: Tools) -> Words | None:
    """Words for stored scores by the calibration in force; None when they are by it already, or
    no installed model tells what the scores mean."""
    if known["calibration"] == kit.calibration.name or not kit.suite.backbones:
        return None
    heads = restore_heads(kit.suite, [read_stored(told) for told in known["scores"]])
    return compose(heads, Signal(*known["signal"]), kit.terms)


def is_write_missing(payload: Payload, tags: Tags) -> bool:
    """Whether the file lacks these tags in the wanted mode, or has other moods than these.

    Numbers that changed with the calibration alone are no reason: the file says by which
    calibration its own are.
    """
    known, mode = payload["known"], payload.get("write_mode") or "none"
    if mode == "none":
        return False
    has_them = (known["written_mode"], known["written_moods"]) == (mode, spell_moods(tags))
    return bool(payload.get("rewrite") or not has_them or known["write_error"] is not None)


def read_state(path: Path) -> FileState:
    """Size, time and inode; MediaError when the file is not there or not readable."""
    try:
        found = path.stat()
    except FileNotFoundError as lost:
        raise MediaError("missing", "The file is not there.", asset=str(path)) from lost
    except OSError as failed:
        raise unreadable(str(path), failed) from failed
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino)


def describe_content(path: Path, before: FileState, outcome: WriteOutcome | None) -> dict[str, Any]:
    """Which content the result speaks of: as it was read, or as our own write left it."""
    state = before
    if outcome is not None and outcome.size is not None:
        state = FileState(outcome.size, outcome.mtime_ns or 0, outcome.inode or 0)
    return {
        "size": state.size,
        "mtime_ns": state.mtime_ns,
        "inode": state.inode,
        "seen": {"size": before.size, "mtime_ns": before.mtime_ns},
        "fingerprint": find_fingerprint(path, state),
    }


def find_fingerprint(path: Path, state: FileState) -> bytes | None:
    """The fingerprint, when the file still is what the result speaks of."""
    try:
        found = read_fingerprint(path)
        return found if read_state(path) == state else None
    except (OSError, MediaError):
        return None


def _make_plan(payload: Payload, watch: Watch, mode: str) -> WritePlan:
    settings = TaggingSettings(**payload["settings"])
    return WritePlan(
        mode, settings.namespace, settings.keep_mtime, settings.break_hard_links, watch.emit
    )


def _read_tags(told: Mapping[str, Any]) -> Tags:
    return {key: tuple(values) for key, values in told.items()}
