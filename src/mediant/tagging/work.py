"""What a worker does for this room: tag a file, and take a write back. No database here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mediant.errors import MediaError
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s
from mediant.library.fingerprint import read_fingerprint
from mediant.settings.model import TaggingSettings
from mediant.tagging.calibrate import Calibration, Span
from mediant.tagging.parcel import pack_track, pack_write
from mediant.tagging.pipeline import STAGES, run
from mediant.tagging.spans import built_in_calibration
from mediant.tagging.tags import Tags
from mediant.tagging.tools import Tools, make_networks, make_sandbox
from mediant.tagging.track import Track, WriteOutcome
from mediant.tagging.unreadable import unreadable
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

    A file whose analysis is current is not analysed again; when only the write is missing, the
    stored tags are written.
    """
    path = Path(payload["path"])
    started = monotonic_s()
    before = read_state(path)
    clean_up(path, payload, watch)
    kit = make_tools(payload, watch, tools)
    track = Track(path)
    if is_current(payload, kit, before):
        if kit.write is None or payload["known"]["written_mode"] == kit.write.mode:
            reason = f"already_tagged_{kit.suite.version}"
            return {"file": str(path), "skipped": True, "skip_reason": reason, "tags_written": 0}
        passed = tuple(stage.name for stage in STAGES if stage.name != "write")
        track = Track(path, passed=passed, tags=_read_tags(payload["known"]["tags"]))
    track = run(track, kit, watch)
    result = pack_track(track, kit)
    return {
        **result,
        **describe_content(path, before, track.write),
        "elapsed_s": monotonic_s() - started,
    }


def untag(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Remove our own tags from a file, and nothing else. It can be undone like any write."""
    path = Path(payload["path"])
    before = read_state(path)
    clean_up(path, payload, watch)
    plan = _make_plan(payload, watch, "none")
    outcome = write_tags(path, {}, plan)
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
    mode = payload.get("write_mode") or "none"
    return kit if mode == "none" else replace(kit, write=_make_plan(payload, watch, mode))


def read_calibration(told: Mapping[str, Any] | None) -> Calibration:
    """The library's calibration from a payload, over the shipped spans."""
    if told is None:
        return built_in_calibration()
    spans = {(m, h, label): Span(low, high) for m, h, label, low, high in told["spans"]}
    return Calibration(spans, told["version"]).with_spans(built_in_calibration().spans)


def is_current(payload: Payload, kit: Tools, now: FileState) -> bool:
    """Whether the stored analysis is of this very content, by these models."""
    known = payload.get("known")
    if known is None or payload.get("force"):
        return False
    stored = (known["suite"], known["preset"], known["calibration"])
    wanted = (kit.suite.version, kit.settings.preset, kit.calibration.name)
    return stored == wanted and (known["size"], known["mtime_ns"]) == (now.size, now.mtime_ns)


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
