"""Reading a stream of events."""

import json
from collections.abc import Iterator
from typing import Any


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(event, data) of a stream; comments are left out."""
    frame: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        frame[name] = value
        if not line:
            if "event" in frame:
                yield frame["event"], json.loads(frame["data"])
            frame = {}
