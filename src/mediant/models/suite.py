"""What a models folder holds: networks that embed, heads on their embeddings, and refusals."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mediant.errors import ModelError

FrontEnd = Literal["musicnn", "vggish"]
"""`musicnn`: 96 bands, frame 512, hop 256; `vggish`: 64 bands, frame 400, hop 160."""

HeadKind = Literal["multiclass", "multilabel", "regression"]

_VERSION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network that turns patches of a log-mel spectrogram into embeddings, and often into tags.

    Its graph takes float32 [patches, patch_frames, bands] and gives one row for each patch.
    """

    name: str
    """The family that heads are matched by, such as `msd-musicnn` or `discogs-effnet`."""
    version: str
    """SHA-256 of the graph, in hex."""
    graph: Path
    input_name: str
    front_end: FrontEnd
    patch_frames: int
    patch_hop: int
    """Frames between the starts of two patches."""
    sample_rate: int
    """Hz."""
    embedding_output: str
    embedding_dim: int
    tag_output: str | None
    """The output with one activation for each of `tag_labels`; None for a network without tags."""
    tag_labels: tuple[str, ...]
    batch: int | None
    """The batch size that the graph demands; None when it takes any."""
    licence: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """A small network on one backbone's embeddings: float32 [patches, width] to [patches, labels].

    The order of `labels` is that of the metadata and nothing else.
    """

    name: str
    """What it tells, such as `mood_happy`; unique among the heads of one backbone."""
    backbone: str
    version: str
    """SHA-256 of the graph, in hex."""
    graph: Path
    input_name: str
    output_name: str
    labels: tuple[str, ...]
    kind: HeadKind
    positive: str | None
    """Of two classes the one that the head is about; None when neither is the plain opposite."""
    licence: str | None = None
    source: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Optional fields of the metadata that change how scores become tags: `cascade`, `tiers`,
    `label_thresholds`, `thresholds`, `min_conf`, `max_classes`, `top_ratio`, `prob_input`,
    `segment`, `x-calibration`, `x-projection`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file in the models folder that is not used, and the sentence that says why."""

    path: Path
    reason: str
    is_fault: bool = True
    """Whether something is wrong with it; else another file simply takes its place."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Everything that one models folder offers. Sorted, so that equal folders give equal suites."""

    folder: Path
    backbones: tuple[Backbone, ...]
    heads: tuple[Head, ...]
    refused: tuple[Refusal, ...]

    @property
    def version(self) -> str:
        """Twelve hex digits that change with any backbone, head or graph."""
        parts = sorted(
            [f"{network.name}//{network.version}" for network in self.backbones]
            + [f"{head.backbone}/{head.name}/{head.version}" for head in self.heads]
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_VERSION_DIGITS]

    def heads_of(self, backbone: str) -> tuple[Head, ...]:
        """The heads that read this backbone's embeddings."""
        return tuple(head for head in self.heads if head.backbone == backbone)


def require_backbones(suite: Suite) -> None:
    """ModelError when there is no network to listen with."""
    if not suite.backbones:
        raise ModelError("No music model is installed.", remedy="Run: mediant models pull")
