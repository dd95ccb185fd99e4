"""Checksums and signatures of graphs, kept from one start to the next.

A graph is hashed and opened once; while its size and modification time stay, the facts stand.
They lie in `.facts.json` in the models folder. In a read-only folder they are found anew.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import ModelError
from mediant.models.signature import Port, Signature, read_signature

_FILE = ".facts.json"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What is known of one graph file; `problem` says why it does not load."""

    sha256: str
    signature: Signature
    problem: str | None = None


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class FactBook:
    """The facts of one models folder."""

    def __init__(self, folder: Path) -> None:
        """Open what an earlier start wrote; damaged or missing notes are simply found anew."""
        self._folder = folder
        self._known = _read_notes(folder / _FILE)
        self._used: dict[str, Any] = {}

    def look_up(self, graph: Path) -> GraphFacts:
        """The facts of one graph; OSError when it cannot be read."""
        name = graph.relative_to(self._folder).as_posix()
        state = graph.stat()
        stamp = [state.st_size, state.st_mtime_ns]
        note = self._known.get(name)
        facts = _from_note(note) if note is not None and note.get("stamp") == stamp else None
        if facts is None:
            facts = _find(graph)
        self._used[name] = _to_note(facts, stamp)
        return facts

    def save(self) -> None:
        """Write the facts that were asked for, when they differ and the folder allows it."""
        if self._used == self._known:
            return
        temporary = self._folder / f"{_FILE}.{os.getpid()}~"
        try:
            temporary.write_text(json.dumps(self._used, indent=1, sort_keys=True))
            temporary.replace(self._folder / _FILE)
        except OSError:
            # A read-only folder is allowed: the next start hashes again.
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _find(graph: Path) -> GraphFacts:
    sha256 = hash_file(graph)
    try:
        return GraphFacts(sha256, read_signature(graph))
    except ModelError as error:
        return GraphFacts(sha256, Signature((), ()), error.text)


def _read_notes(path: Path) -> dict[str, Any]:
    try:
        notes = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _to_note(facts: GraphFacts, stamp: list[int]) -> dict[str, Any]:
    return {
        "stamp": stamp,
        "sha256": facts.sha256,
        "inputs": [[port.name, list(port.shape)] for port in facts.signature.inputs],
        "outputs": [[port.name, list(port.shape)] for port in facts.signature.outputs],
        "problem": facts.problem,
    }


def _from_note(note: dict[str, Any]) -> GraphFacts | None:
    try:
        ports = [
            tuple(Port(name, tuple(shape)) for name, shape in note[side])
            for side in ("inputs", "outputs")
        ]
        return GraphFacts(note["sha256"], Signature(*ports), note["problem"])
    except (KeyError, TypeError, ValueError):
        return None
