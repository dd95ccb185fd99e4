"""What networks and heads gave for a track, before and after pooling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mediant.tagging.pooling import Pooled

Floats = NDArray[np.float32]

ScoreKind = Literal["tags", "multiclass", "multilabel", "regression", "projection"]


@dataclass(frozen=True, slots=True)
class PatchOutput:
    """What a backbone gave for every patch. Dropped when the track is pooled."""

    embeddings: Floats
    """float32 [patches, width]."""
    activations: Floats | None
    """float32 [patches, labels], for networks that tag."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """One vector for the whole track: the trimmed mean over patches, float32 [width]."""

    model: str
    version: str
    vector: Floats


@dataclass(frozen=True, slots=True)
class HeadScore:
    """Pooled scores of every label of one head, or of a network's own tags."""

    model: str
    name: str
    version: str
    kind: ScoreKind
    labels: tuple[str, ...]
    pooled: Pooled
    options: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Of a projected head: label -> the tags that speak for it, with their scores."""
    strengths: Mapping[str, float] = field(default_factory=dict)
    """Of a projected head: label -> how strong those tags are together."""

    def value(self, label: str, statistic: str = "trimmed") -> float:
        """One statistic of one label."""
        return float(self.pooled.row(statistic)[self.labels.index(label)])


@dataclass(frozen=True, slots=True)
class HeadFailure:
    """A head or network that gave nothing, and why."""

    model: str
    name: str
    text: str
