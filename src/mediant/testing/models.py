"""Tiny networks in the form in which Essentia publishes its own: real graphs, invented weights.

For tests of everything that discovers, binds and runs networks. Each call writes an ONNX file and
the JSON beside it and returns the path of the ONNX file.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from mediant.models.graph import GraphBuilder

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Family:
    """The published facts of one backbone."""

    file: str
    algorithm: str
    input_name: str
    frames: int
    bands: int
    width: int
    tag_count: int
    node: str
    """The embedding node that its JSON names."""


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "discogs-effnet": Family(
            "discogs-effnet-bsdynamic-1",
            "TensorflowPredictEffnetDiscogs",
            "melspectrogram",
            128,
            96,
            1280,
            400,
            "PartitionedCall:1",
        ),
        "msd-musicnn": Family(
            "msd-musicnn-1",
            "TensorflowPredictMusiCNN",
            "model/Placeholder",
            187,
            96,
            200,
            50,
            "model/dense/BiasAdd",
        ),
        "audioset-yamnet": Family(
            "audioset-yamnet-1",
            "TensorflowPredictVGGish",
            "melspectrogram",
            96,
            64,
            1024,
            521,
            "embeddings",
        ),
        "audioset-vggish": Family(
            "audioset-vggish-3",
            "TensorflowPredictVGGish",
            "model/Placeholder",
            96,
            64,
            128,
            0,
            "model/vggish/embeddings",
        ),
    }
)

_HEAD_TYPES = {
    "softmax": ("multi-class classifier", "Softmax"),
    "sigmoid": ("multi-label classifier", "Sigmoid"),
    "identity": ("regression model", "Identity"),
}


def write_backbone(
    models: Path,
    family: str,
    *,
    labels: Sequence[str] | None = None,
    batch: int | None = None,
    file: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Path:
    """A backbone that averages the patch over time and projects it at random (but always alike).

    `batch` fixes the batch size, as the published `bs64` files do; `metadata` replaces fields of
    the JSON (None removes one).
    """
    facts = FAMILIES[family]
    names = _default_labels(facts) if labels is None else tuple(labels)
    stem = file or facts.file
    path = models / family / "embeddings" / f"{stem}.onnx"
    rows = batch if batch is not None else "batch"
    graph = GraphBuilder(stem, facts.input_name, [rows, facts.frames, facts.bands])
    axis = graph.integers("time", [1])
    mean = graph.add("ReduceMean", [facts.input_name, axis], "mean", keepdims=0)
    weights = graph.constant("weights", _weights(stem, facts.bands, facts.width))
    graph.add("MatMul", [mean, weights], "embeddings")
    outputs = [("embeddings", facts.width)]
    if names:
        tags = graph.constant("tags", _weights(f"{stem} tags", facts.width, len(names)))
        graph.add("Sigmoid", [graph.add("MatMul", ["embeddings", tags], "logits")], "activations")
        outputs.insert(0, ("activations", len(names)))
    fields = _describe_backbone(family, facts, names)
    return _write(path, graph.serialize(outputs, rows), fields, metadata)


def write_head(  # noqa: PLR0913 (a factory: each argument is one way to deviate)
    models: Path,
    name: str,
    labels: Sequence[str],
    *,
    family: str = "msd-musicnn",
    kind: str = "softmax",
    width: int | None = None,
    outputs: Sequence[tuple[str, int]] | None = None,
    bias: Sequence[float] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Path:
    """A head `name` in `<models>/<family>/heads/<kind>/`; `kind`: softmax, sigmoid or identity.

    As published, the JSON names `model/Placeholder` and `model/Softmax` while the graph has
    `embeddings` and `activations`. `width` and `outputs` make graphs that do not fit; `bias`
    steers the result.
    """
    facts = FAMILIES[family]
    columns = width or facts.width
    operator = _HEAD_TYPES[kind][1]
    stem = f"{name}-{family}-1"
    graph = GraphBuilder(stem, "embeddings", ["batch", columns])
    given = outputs or [("activations", len(labels))]
    for output, count in given:
        weights = graph.constant(f"{output}/weights", 0.1 * _weights(stem, columns, count))
        shift = graph.constant(f"{output}/bias", np.zeros(count) if bias is None else bias)
        graph.add(
            operator, [graph.add("Gemm", ["embeddings", weights, shift], f"{output}/sum")], output
        )
    fields = _describe_head(name, labels, facts, kind)
    path = models / family / "heads" / kind / f"{stem}.onnx"
    return _write(path, graph.serialize(given), fields, metadata)


def _describe_backbone(family: str, facts: Family, names: Sequence[str]) -> dict[str, Any]:
    """Its JSON, as it is published."""
    inputs = [{"name": facts.input_name, "type": "float", "shape": [facts.frames, facts.bands]}]
    tags = {"name": "PartitionedCall:0", "shape": [1, len(names)]}
    embeddings = {"name": facts.node, "shape": [1, facts.width]}
    return {
        "name": family,
        "type": "auto-tagging",
        "version": "1",
        "release_date": "2022-02-17",
        "classes": list(names),
        "schema": {
            "inputs": inputs,
            "outputs": [
                {**tags, "output_purpose": "predictions"},
                {**embeddings, "output_purpose": "embeddings"},
            ],
        },
        "inference": {"sample_rate": 16000, "algorithm": facts.algorithm},
    }


def _describe_head(name: str, labels: Sequence[str], facts: Family, kind: str) -> dict[str, Any]:
    """Its JSON, as it is published."""
    type_name, operator = _HEAD_TYPES[kind]
    output = {"name": f"model/{operator}", "shape": [1, len(labels)], "op": operator}
    backbone = {"algorithm": facts.algorithm, "model_name": facts.file}
    return {
        "name": name,
        "type": type_name,
        "version": "1",
        "release_date": "2022-02-17",
        "classes": list(labels),
        "schema": {
            "inputs": [{"name": "model/Placeholder", "type": "float", "shape": [facts.width]}],
            "outputs": [{**output, "output_purpose": "predictions"}],
        },
        "inference": {
            "sample_rate": 16000,
            "algorithm": "TensorflowPredict2D",
            "embedding_model": backbone,
        },
    }


def _default_labels(facts: Family) -> tuple[str, ...]:
    return tuple(f"tag {number}" for number in range(facts.tag_count))


def _weights(seed: str, rows: int, columns: int) -> Floats:
    """Random weights that depend on the name alone."""
    random = np.random.default_rng(zlib.crc32(seed.encode()))
    weights: Floats = (random.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)
    return weights


def _write(
    path: Path, graph: bytes, fields: dict[str, Any], changes: Mapping[str, Any] | None
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(graph)
    merged = {
        key: value for key, value in (fields | dict(changes or {})).items() if value is not None
    }
    path.with_suffix(".json").write_text(json.dumps(merged, indent=1))
    return path
