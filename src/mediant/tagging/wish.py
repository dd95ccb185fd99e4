"""What two wishes to tag the same file come to. Pure."""

from mediant.jobs.job import Payload
from mediant.settings.model import TaggingSettings

WRITE_MODES = ("none", "minimal", "full")
"""From the weakest to the strongest."""

UNSUPPORTED = "Tags cannot be written into this kind of file."
"""Why a write was left out for good: no later wish of the library asks for it again."""

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
    the file as it was `seen` last."""
    modes = (old.get("write_mode"), new.get("write_mode"))
    return {
        **old,
        "path": new.get("path") or old.get("path"),
        "force": bool(old.get("force") or new.get("force")),
        "write_mode": max(modes, key=_STRENGTH.index),
        "seen": new.get("seen") or old.get("seen"),
    }
