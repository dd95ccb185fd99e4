"""Telling of what a scan could not read, and of what keeps its files waiting."""

from collections.abc import Mapping
from typing import Any

NAMED_AT_MOST = 5


def list_troubles(result: Mapping[str, Any], job_id: int) -> list[str]:
    """Lines about a scan that ended: all that somebody has to look after."""
    hindrance = result.get("hindrance")
    return [*([hindrance] if hindrance else []), *list_unread(result, job_id)]


def list_unread(result: Mapping[str, Any], job_id: int) -> list[str]:
    """Lines about the folders and files that a scan could not read."""
    names = result.get("unread_paths", ())
    lines = [f"Not read, left as it is: {name}" for name in names[:NAMED_AT_MOST]]
    rest = (result.get("unread") or 0) - len(lines)
    if rest > 0 and len(names) >= NAMED_AT_MOST:
        lines.append(f"Not read, left as they are: {rest} more (mediant jobs show {job_id})")
    return lines
