"""Times as subtitle files write them."""

import re

_TIME = r"(?:(\d+)[:.])?(\d{1,2})[:.](\d{1,2})(?:[,.:](\d{1,3}))?"
TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
"""A line with the start and the end of a cue, in SubRip or WebVTT, as sloppy as they occur."""


def write_time(time_ms: int, mark: str, *, is_short: bool = False) -> str:
    """`HH:MM:SS` with thousands behind `mark`; `is_short` leaves out hours that are zero."""
    seconds, thousandths = divmod(max(0, time_ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = "" if is_short and not hours else f"{hours:02d}:"
    return f"{head}{minutes:02d}:{seconds:02d}{mark}{thousandths:03d}"


def read_timing(line: str) -> tuple[int, int] | None:
    """Start and end in milliseconds, or None where the line tells none."""
    found = TIMING.match(line) if ">" in line else None
    if found is None:
        return None
    parts = found.groups()
    return _to_ms(parts[:4]), _to_ms(parts[4:])


def _to_ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (part or "0" for part in parts)
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(thousandths.ljust(3, "0"))
