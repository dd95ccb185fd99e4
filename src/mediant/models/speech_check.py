"""A folder of files becomes a speech model: proved to be a whole one, noted, on the disk."""

import json
import os
from pathlib import Path

from mediant.errors import ModelError
from mediant.kernel.flush import sync_folder, write_through
from mediant.models.facts import hash_file
from mediant.models.speech_folder import PREPROCESSOR, WEIGHTS, read_speech_model
from mediant.models.speech_note import NOTE_FILE, SpeechNote
from mediant.models.speech_weights import read_weights

_USUAL_BANDS = 80


def complete_folder(
    folder: Path, name: str, source: str, licence: str | None, revision: str | None = None
) -> SpeechNote:
    """Check the files and write the note beside them. ModelError when they are no whole Whisper."""
    _require_whisper(folder, source)
    found = sorted(path for path in folder.iterdir() if path.is_file())
    for path in found:
        _flush(path)
    note = SpeechNote(
        name=name,
        source=source,
        licence=licence,
        revision=revision,
        files={path.name: hash_file(path) for path in found},
        sizes={path.name: path.stat().st_size for path in found},
    )
    write_through(folder / NOTE_FILE, note.to_bytes())
    sync_folder(folder)
    return note


def _require_whisper(folder: Path, source: str) -> None:
    model = read_speech_model(folder)
    if model.problem:
        raise ModelError(f"It is no Whisper that can be used. {model.problem}", asset=source)
    try:
        weights = read_weights(folder / WEIGHTS)
    except ModelError as error:
        raise ModelError(error.text, asset=source) from error
    bands = _read_bands(folder / PREPROCESSOR, source)
    if weights.bands != bands:
        text = f"Its encoder wants {weights.bands} bands, and {PREPROCESSOR} promises {bands}."
        if not (folder / PREPROCESSOR).is_file():
            text = f"It lacks {PREPROCESSOR}: its encoder wants {weights.bands} bands, not {bands}."
        raise ModelError(text, asset=source)


def _read_bands(path: Path, source: str) -> int:
    """How many bands the sound will be cut into."""
    if not path.is_file():
        return _USUAL_BANDS
    try:
        fields = json.loads(path.read_bytes())
        return int(fields.get("feature_size", _USUAL_BANDS))
    except (ValueError, TypeError, AttributeError) as error:
        text = f"{path.name} is not what it should be: {error}."
        raise ModelError(text, asset=source) from error


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
