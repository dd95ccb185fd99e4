"""The JSON beside a graph, in the form in which Essentia publishes it, with our `x-` fields."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mediant.errors import ModelError
from mediant.models.suite import FrontEnd, HeadKind

_OPTIONS = (
    "cascade",
    "tiers",
    "label_thresholds",
    "thresholds",
    "min_conf",
    "max_classes",
    "top_ratio",
    "prob_input",
    "segment",
    "x-calibration",
    "x-projection",
)
_PREDICTIONS = ("predictions", "logits", "probabilities", "probs")
_KIND_WORDS: tuple[tuple[str, HeadKind], ...] = (
    ("multilabel", "multilabel"),
    ("multiclass", "multiclass"),
    ("regression", "regression"),
    ("softmax", "multiclass"),
    ("sigmoid", "multilabel"),
    ("identity", "regression"),
)
_DEFAULT_RATE = 16_000
_FILE_SUFFIX = re.compile(r"(-bs(\d+|dynamic))?(-\d+)?$")
_NEGATIONS = ("non_", "not_", "no_", "non-", "not-")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What one of Essentia's predict algorithms implies for its networks."""

    front_end: FrontEnd
    patch_frames: int
    patch_hop: int


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        "TensorflowPredictMusiCNN": Algorithm("musicnn", 187, 93),
        "TensorflowPredictEffnetDiscogs": Algorithm("musicnn", 128, 62),
        "TensorflowPredictVGGish": Algorithm("vggish", 96, 93),
    }
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parsed JSON. Every question has an answer or a ModelError with a sentence."""

    fields: Mapping[str, Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the outputs, in order; empty when the metadata name none."""
        labels = self.fields.get("classes", self.fields.get("labels", ()))
        if not isinstance(labels, list | tuple) or not all(isinstance(one, str) for one in labels):
            raise ModelError("Its `classes` is not a list of names.")
        if len(set(labels)) != len(labels):
            raise ModelError("Its `classes` names a class twice.")
        return tuple(labels)

    @property
    def inference(self) -> Mapping[str, Any]:
        """The section `inference`."""
        return _mapping(self.fields.get("inference"))

    @property
    def sample_rate(self) -> int:
        """Hz; only 16000 is served by the front ends."""
        rate = self.inference.get("sample_rate", _DEFAULT_RATE)
        if rate != _DEFAULT_RATE:
            raise ModelError(f"It wants audio at {rate} Hz; only {_DEFAULT_RATE} Hz is offered.")
        return _DEFAULT_RATE

    @property
    def embedding_model(self) -> str:
        """The file name, without its ending, of the network whose embeddings a head takes."""
        name = _mapping(self.inference.get("embedding_model")).get("model_name")
        if not isinstance(name, str) or not name:
            raise ModelError("Its metadata lack `inference.embedding_model.model_name`.")
        return name

    @property
    def algorithm(self) -> Algorithm:
        """Front end, patch size and hop: our own fields, or what the named algorithm implies."""
        known = ALGORITHMS.get(str(self.inference.get("algorithm")))
        front_end = self.fields.get("x-front-end", known.front_end if known else None)
        frames = self.fields.get("x-patch-frames", known.patch_frames if known else None)
        hop = self.fields.get("x-patch-hop", known.patch_hop if known else None)
        if front_end not in ("musicnn", "vggish"):
            names = ", ".join(ALGORITHMS)
            raise ModelError(f"Its `inference.algorithm` is none of {names}.")
        if not (_is_count(frames) and _is_count(hop)):
            raise ModelError("Its `x-patch-frames` or `x-patch-hop` is missing or not a number.")
        return Algorithm(front_end, frames, hop)

    @property
    def input_width(self) -> int | None:
        """The embedding width that the metadata claim; sometimes wrong, so only a last resort."""
        schema = _mapping(self.fields.get("schema"))
        inputs = schema.get("inputs") or [{}]
        shape = _mapping(inputs[0]).get("shape") or [None]
        return shape[-1] if _is_count(shape[-1]) else None

    def output_names(self, *purposes: str) -> list[str]:
        """The outputs that the metadata give one of these purposes."""
        outputs = _mapping(self.fields.get("schema")).get("outputs") or []
        return [
            str(output.get("name"))
            for output in outputs
            if isinstance(output, dict) and output.get("output_purpose") in purposes
        ]

    @property
    def prediction_names(self) -> list[str]:
        """The outputs that the metadata call predictions, logits or probabilities."""
        return self.output_names(*_PREDICTIONS)

    @property
    def licence(self) -> str | None:
        """The licence in words, when the metadata tell it."""
        licence = self.fields.get("x-licence", self.fields.get("license"))
        return licence if isinstance(licence, str) else None

    @property
    def source(self) -> str | None:
        """The package and version, or the address, that the file came from."""
        origin = self.fields.get("x-source")
        if isinstance(origin, dict) and "package" in origin:
            return f"{origin['package']} {origin.get('version', '')}".strip()
        link = self.fields.get("link")
        return link if isinstance(link, str) else None

    @property
    def options(self) -> Mapping[str, Any]:
        """The optional fields that change how scores become tags."""
        return {name: self.fields[name] for name in _OPTIONS if name in self.fields}

    def kind(self, folder: str) -> HeadKind:
        """From `head_type`, else `type` (matched by containment: published files say "multi-class
        classifier"), else the name of the folder that the head lies in."""
        for text in (self.fields.get("head_type"), self.fields.get("type"), folder):
            plain = re.sub(r"[^a-z]", "", str(text or "").lower())
            for word, kind in _KIND_WORDS:
                if word in plain:
                    return kind
        text = "Its `type` tells neither multi-class, multi-label nor regression."
        raise ModelError(text, remedy="Add `head_type` to its JSON.")

    @property
    def positive(self) -> str | None:
        """The class that a two-class head is about: `x-positive-class`, else the class whose
        plain negation (`non_`, `not_`) is the other one, wherever it stands."""
        labels = self.labels
        chosen = self.fields.get("x-positive-class")
        if chosen is not None:
            if chosen not in labels:
                raise ModelError(f"Its `x-positive-class` {chosen} is not among its classes.")
            return str(chosen)
        if len(labels) != 2:
            return None
        for label, other in (labels, labels[::-1]):
            if any(other == negation + label for negation in _NEGATIONS):
                return label
        return None


def read_metadata(path: Path) -> Metadata:
    """Parse a JSON file; ModelError when it cannot be read or is not an object."""
    try:
        fields = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"Its metadata cannot be read: {error}.") from error
    if not isinstance(fields, dict):
        raise ModelError("Its metadata are not a JSON object.")
    return Metadata(MappingProxyType(fields))


def family_of(stem: str) -> str:
    """`discogs-effnet` for `discogs-effnet-bsdynamic-1`: the name without batch and version."""
    return _FILE_SUFFIX.sub("", stem)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
