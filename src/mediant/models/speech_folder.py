"""Finds the speech models that lie in a folder, whoever put them there.

    <folder>/<name>/{model.bin, config.json, tokenizer.json, vocabulary.txt or .json}

A model is a Whisper in CTranslate2's form. What cannot be used has its reason. Opens only small
files and the first bytes of the weights, so a look is cheap.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import ModelError

SPEECH_FOLDER = "asr"
"""Below the models folder."""

NOTE_FILE = "mediant.json"
"""What Mediant notes beside a model that it installed itself."""

_WEIGHTS = "model.bin"
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
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
        return SpeechModel(folder.name, folder, 0, False, False, problem=error.text)
    except OSError as error:
        text = f"It cannot be read: {error.strerror or error}."
        return SpeechModel(folder.name, folder, 0, False, False, problem=text)


def _read(folder: Path) -> SpeechModel:
    _require_files(folder)
    size = (folder / _WEIGHTS).stat().st_size
    _check_weights(folder / _WEIGHTS)
    config = _read_object(folder / "config.json")
    note = _read_object(folder / NOTE_FILE) if (folder / NOTE_FILE).is_file() else {}
    is_multilingual = _count_pieces(folder) > _ENGLISH_PIECES
    return SpeechModel(
        name=folder.name,
        folder=folder,
        size_bytes=size,
        is_multilingual=is_multilingual,
        can_translate=is_multilingual and not _is_shallow(folder.name, config, size),
        licence=note.get("licence"),
        source=note.get("source"),
    )


def _require_files(folder: Path) -> None:
    missing = [
        name
        for name in (_WEIGHTS, "config.json", "tokenizer.json")
        if not (folder / name).is_file()
    ]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append("vocabulary.txt or vocabulary.json")
    if missing:
        raise ModelError(f"It lacks {', '.join(missing)}.")


def _check_weights(path: Path) -> None:
    """CTranslate2 writes a version, then the length and the name of the kind of model."""
    with path.open("rb") as file:
        head = file.read(6 + len(_SPEC))
    if len(head) < 6 + len(_SPEC):
        raise ModelError(f"{_WEIGHTS} is no model of CTranslate2.")
    _, length = struct.unpack_from("<IH", head)
    if length != len(_SPEC) + 1 or head[6:] != _SPEC:
        raise ModelError(f"{_WEIGHTS} is no Whisper in CTranslate2's form.")


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


def _is_shallow(name: str, config: dict[str, Any], size: int) -> bool:
    if "turbo" in name.lower() or "distil" in name.lower():
        return True
    heads = config.get("alignment_heads")
    if not isinstance(heads, list) or not heads:
        return False
    layers = 1 + max(layer for layer, _ in heads)
    return layers <= _SHALLOW_LAYERS and size > _SHALLOW_BYTES
