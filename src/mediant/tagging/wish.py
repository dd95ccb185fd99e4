"""What two wishes to tag the same file come to. Pure."""

from mediant.jobs.job import Payload

WRITE_MODES = ("none", "minimal", "full")
"""From the weakest to the strongest."""

_STRENGTH = ("none", None, "minimal", "full")
"""None leaves it to the library: nobody who named a mode that writes may get less than it."""


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
