"""Folders in the form of speech models, with heads that are true and weights that are not."""

import json
import struct
from pathlib import Path

MULTILINGUAL_PIECES = 51_865
ENGLISH_PIECES = 51_864


def write_speech_model(folder: Path, name: str, *, layers: int | None = None) -> Path:
    """A folder `name` below `folder` that is taken for a Whisper until it is loaded.

    `.en` in the name makes it English only. `layers` are those of the decoder.
    """
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    spec = b"WhisperSpec\0"
    (home / "model.bin").write_bytes(struct.pack("<IH", 6, len(spec)) + spec + bytes(64))
    config = {"alignment_heads": [[(layers or 12) - 1, 0]], "lang_ids": list(range(99))}
    (home / "config.json").write_text(json.dumps(config))
    (home / "tokenizer.json").write_text("{}")
    pieces = ENGLISH_PIECES if ".en" in name else MULTILINGUAL_PIECES
    (home / "vocabulary.txt").write_text("a\n" * pieces)
    return home
