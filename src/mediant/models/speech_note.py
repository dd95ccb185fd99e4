"""What Mediant notes beside a speech model that it put there: from where, and its checksums."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.models.facts import hash_file

NOTE_FILE = "mediant.json"
_LONGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SpeechNote:
    """The note beside one model."""

    name: str
    """The one it was asked for by."""
    source: str
    """For people: the repository and its revision, or the file it was imported from."""
    licence: str | None
    revision: str | None
    """Of the repository: the commit."""
    files: Mapping[str, str]
    """Name -> SHA-256."""
    sizes: Mapping[str, int]
    """Name -> bytes."""

    def to_bytes(self) -> bytes:
        """The note as it lies beside the files."""
        fields = {
            "name": self.name,
            "source": self.source,
            "licence": self.licence,
            "revision": self.revision,
            "files": dict(self.files),
            "sizes": dict(self.sizes),
        }
        return (json.dumps(fields, indent=1, ensure_ascii=False) + "\n").encode()


def read_note(folder: Path) -> SpeechNote | None:
    """The note in a folder; None where there is none of a pull from a hub or an import."""
    fields = _read_fields(folder / NOTE_FILE)
    try:
        return SpeechNote(
            name=str(fields["name"]),
            source=str(fields["source"]),
            licence=fields.get("licence"),
            revision=fields.get("revision"),
            files={str(name): str(sha256) for name, sha256 in fields["files"].items()},
            sizes={str(name): int(size) for name, size in fields["sizes"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def find_resized(folder: Path, note: SpeechNote) -> str | None:
    """The first file that has not the noted size: a look that reads no weights. None: all have."""
    for name, size in note.sizes.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            return _differs(name)
    return None


def find_damage(folder: Path, note: SpeechNote) -> str | None:
    """The first file that is not the noted one, by its checksum; None when all are."""
    for name, sha256 in note.files.items():
        try:
            found = hash_file(folder / name)
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}."
        if found != sha256:
            return _differs(name)
    return None


def _differs(name: str) -> str:
    return f"{name} is not the one that was installed."


def _read_fields(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            fields = json.loads(file.read(_LONGEST_BYTES))
    except (OSError, ValueError):
        return {}
    return fields if isinstance(fields, dict) else {}
