"""A wish to tag a file, and what two of them for the same file come to. Pure."""

from pathlib import Path
from typing import Any

from mediant.jobs.job import NewJob, Payload
from mediant.settings.model import TaggingSettings

TAG = "tag"
WRITE_MODES = ("none", "minimal", "full")
"""From the weakest to the strongest."""

UNSUPPORTED = "Tags cannot be written into this kind of file."
"""Why a write was left out for good: no later wish of the library asks for it again."""

WAITS = "Moods are written after the first calibration of the library."
"""Why a write that nobody asked for by name was left out for now."""

_STRENGTH = ("none", None, "minimal", "full")
"""None leaves it to the library: nobody who named a mode that writes may get less than it."""


def effective_mode(of_library: str, settings: TaggingSettings) -> str:
    """A library's own write mode; where it is `none`, the mode of the settings."""
    return of_library if of_library != "none" else settings.write_mode


def has_risen(before: str, after: str) -> bool:
    """Whether more goes into files than before."""
    return WRITE_MODES.index(after) > WRITE_MODES.index(before)


def merge_wishes(old: Payload, new: Payload) -> Payload:
    """The wish that does what both ask for: `force` if either does, the stronger write mode, and
    the file as it was `seen` last. Only two wishes of the `background` stay one."""
    modes = (old.get("write_mode"), new.get("write_mode"))
    flags = {
        "rewrite": old.get("rewrite") or new.get("rewrite"),
        "background": old.get("background") and new.get("background"),
    }
    return {
        **{name: value for name, value in old.items() if name not in flags},
        **{name: True for name, is_set in flags.items() if is_set},
        "path": new.get("path") or old.get("path"),
        "force": bool(old.get("force") or new.get("force")),
        "write_mode": max(modes, key=_STRENGTH.index),
        "seen": new.get("seen") or old.get("seen"),
    }


def new_job(
    seen: Any,
    path: Path,
    *,
    force: bool = False,
    mode: str | None = None,
    priority: int = 0,
    **flags: bool,
) -> NewJob:
    """The wish to tag a file; live at most once a file. `seen`: its row, or its entry.

    Size and time of the file make the wish a new one when the file has changed meanwhile.
    Flags: `rewrite`, to write the stored tags although the file has some already; `background`,
    for a wish that nobody uttered: it waits for the first calibration where one is awaited.
    """
    payload = {
        "file_id": seen.id,
        "path": str(path),
        "force": force,
        "write_mode": mode,
        "seen": f"{seen.size}:{seen.mtime_ns}",
        **{name: True for name, is_set in flags.items() if is_set},
    }
    return NewJob(TAG, payload, dedup_key=str(seen.id), priority=priority)
