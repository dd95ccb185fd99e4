"""Finds the speech models that lie in a folder, whoever put them there.

    <folder>/<name>/{model.bin, config.json, tokenizer.json, vocabulary.txt or .json}

A model is a Whisper in CTranslate2's form. What cannot be used has its reason. Opens only small
files and the first bytes of the weights, so a look is cheap.
"""

import json
import struct
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import ModelError
from mediant.models.speech_note import NOTE_FILE, SpeechNote, find_resized, read_note

SPEECH_FOLDER = "asr"
"""Below the models folder."""

WEIGHTS = "model.bin"
PREPROCESSOR = "preprocessor_config.json"
"""Says what the encoder wants to hear, where that is not what most want."""

_NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
_SPEC = b"WhisperSpec"
_CONFIG_BYTES = 1 << 20

_ENGLISH_PIECES = 51_864
"""The vocabulary of the English-only models; that of the others is longer."""

# Large-v3-turbo and the distilled models have all layers of the encoder but few of the decoder;
# they write what is said when asked to translate. Tiny and base have few layers of both.
_SHALLOW_LAYERS = 4
_SHALLOW_BYTES = 400_000_000


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """A speech model as it lies in a folder."""

    name: str
    """The folder's."""
    folder: Path
    size_bytes: int
    is_multilingual: bool
    """False: English only."""
    can_translate: bool
    """Into English."""
    licence: str | None = None
    source: str | None = None
    problem: str | None = None
    """Why it cannot be used."""
    note: SpeechNote | None = None
    """Of a pull from a hub or an import."""


def find_speech_models(folder: Path) -> list[SpeechModel]:
    """Every model below `folder`, by name; the usable ones have no `problem`."""
    if not folder.is_dir():
        return []
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    return [read_speech_model(path) for path in inside if path.is_dir()]


def read_speech_model(folder: Path) -> SpeechModel:
    """What one folder holds."""
    try:
        return _read(folder)
    except ModelError as error:
        text = error.text
    except OSError as error:
        text = f"It cannot be read: {error.strerror or error}."
    note = read_note(folder)
    return SpeechModel(folder.name, folder, 0, False, False, problem=text, note=note)


def _read(folder: Path) -> SpeechModel:
    _require_files(folder)
    size = (folder / WEIGHTS).stat().st_size
    _check_weights(folder / WEIGHTS)
    config = _read_object(folder / "config.json")
    said = _read_object(folder / NOTE_FILE) if (folder / NOTE_FILE).is_file() else {}
    note = read_note(folder)
    is_multilingual = _count_pieces(folder) > _ENGLISH_PIECES
    return SpeechModel(
        name=folder.name,
        folder=folder,
        size_bytes=size,
        is_multilingual=is_multilingual,
        can_translate=is_multilingual and not _is_shallow(folder.name, config, size),
        licence=said.get("licence"),
        source=said.get("source"),
        note=note,
        problem=find_resized(folder, note) if note else None,
    )


def is_speech_file(name: str) -> bool:
    """Whether a file of this name belongs to a model, or is its licence."""
    return name in {*_NEEDED, *_VOCABULARIES, PREPROCESSOR, *_LICENCES}


def find_licence(folder: Path) -> str | None:
    """Where the licence of a model stands that nobody told of; None when it is not there."""
    found = (name for name in _LICENCES if (folder / name).is_file())
    return next((f"see {name}" for name in found), None)


def list_missing(names: Collection[str]) -> list[str]:
    """Which files a folder of these lacks to be a model."""
    missing = [name for name in _NEEDED if name not in names]
    if not any(name in names for name in _VOCABULARIES):
        missing.append("vocabulary.txt or vocabulary.json")
    return missing


def _require_files(folder: Path) -> None:
    wanted = (*_NEEDED, *_VOCABULARIES)
    missing = list_missing([name for name in wanted if (folder / name).is_file()])
    if missing:
        raise ModelError(f"It lacks {', '.join(missing)}.")


def _check_weights(path: Path) -> None:
    """CTranslate2 writes a version, then the length and the name of the kind of model."""
    with path.open("rb") as file:
        head = file.read(6 + len(_SPEC))
    if len(head) < 6 + len(_SPEC):
        raise ModelError(f"{WEIGHTS} is no model of CTranslate2.")
    _, length = struct.unpack_from("<IH", head)
    if length != len(_SPEC) + 1 or head[6:] != _SPEC:
        raise ModelError(f"{WEIGHTS} is no Whisper in CTranslate2's form.")


def _read_object(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(_CONFIG_BYTES)
    try:
        fields = json.loads(content)
    except ValueError as error:
        raise ModelError(f"{path.name} is not JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise ModelError(f"{path.name} is not what it should be.")
    return fields


def _count_pieces(folder: Path) -> int:
    """How many pieces of words the model knows."""
    plain = folder / "vocabulary.txt"
    if plain.is_file():
        with plain.open("rb") as file:
            return sum(1 for _ in file)
    try:
        pieces = json.loads((folder / "vocabulary.json").read_bytes())
    except ValueError as error:
        raise ModelError(f"vocabulary.json is not JSON: {error}.") from error
    return len(pieces)


def is_shallow_name(name: str) -> bool:
    """Whether the name is that of a model that cannot translate although it knows languages."""
    return "turbo" in name.lower() or "distil" in name.lower()


def _is_shallow(name: str, config: dict[str, Any], size: int) -> bool:
    if is_shallow_name(name):
        return True
    heads = config.get("alignment_heads")
    if not isinstance(heads, list) or not heads:
        return False
    layers = 1 + max(layer for layer, _ in heads)
    return layers <= _SHALLOW_LAYERS and size > _SHALLOW_BYTES
