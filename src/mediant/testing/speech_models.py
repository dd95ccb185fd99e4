"""Folders in the form of speech models, whose weights have true shapes and mean nothing."""

import json
import struct
from pathlib import Path

MULTILINGUAL_PIECES = 51_865
ENGLISH_PIECES = 51_864

_INT8 = 1
_CONVOLUTION = 3


def write_speech_model(
    folder: Path, name: str, *, layers: int | None = None, bands: int = 80
) -> Path:
    """A folder `name` below `folder` that is taken for a Whisper until it is loaded.

    `.en` in the name makes it English only. `layers` are those of the decoder; an encoder of other
    than 80 `bands` has its `preprocessor_config.json`.
    """
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    pieces = ENGLISH_PIECES if ".en" in name else MULTILINGUAL_PIECES
    (home / "model.bin").write_bytes(make_weights(bands, pieces))
    config = {"alignment_heads": [[(layers or 12) - 1, 0]], "lang_ids": list(range(99))}
    (home / "config.json").write_text(json.dumps(config))
    (home / "tokenizer.json").write_text("{}")
    (home / "vocabulary.txt").write_text("a\n" * pieces)
    if bands != 80:
        (home / "preprocessor_config.json").write_text(json.dumps({"feature_size": bands}))
    return home


def make_weights(bands: int = 80, pieces: int = MULTILINGUAL_PIECES, *, states: int = 1) -> bytes:
    """A file in CTranslate2's form with the first layer of an encoder and the table of tokens.

    It has about `states` times `pieces` bytes.
    """
    shapes = {
        "decoder/embeddings/weight": (pieces, states),
        "encoder/conv1/weight": (states, bands, _CONVOLUTION),
    }
    head = struct.pack("<I", 6) + _name("WhisperSpec") + struct.pack("<II", 3, len(shapes))
    return head + b"".join(_variable(*item) for item in shapes.items()) + struct.pack("<I", 0)


def _variable(name: str, shape: tuple[int, ...]) -> bytes:
    size = 1
    for length in shape:
        size *= length
    form = struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, _INT8, size)
    return _name(name) + form + bytes(size)


def _name(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"
