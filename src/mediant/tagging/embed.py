"""Backbones: every patch of a track to an embedding, and to tags where the network has them."""

from collections.abc import Callable

import numpy as np

from mediant.models.network import Network
from mediant.models.registry import Backbone
from mediant.tagging.patches import (
    CPU_BATCH,
    LARGEST_BATCH,
    Floats,
    count_patches,
    cut_patches,
    iter_batches,
    repeat_to,
)
from mediant.tagging.scores import PatchOutput

FAST_STEP = 2
"""The `fast` preset takes every second patch."""


def embed(
    mel: Floats,
    backbone: Backbone,
    network: Network,
    *,
    preset: str = "full",
    advance: Callable[[float], None] = lambda _done: None,
) -> PatchOutput:
    """Run a backbone over a log-mel [frames, bands].

    Audio shorter than one patch is repeated up to one. `advance` hears the share that is done
    after every batch, and may raise to stop. ModelError when the network refuses the input.
    """
    patches = select_patches(mel, backbone, preset)
    outputs = [backbone.embedding_output]
    if backbone.tag_output is not None:
        outputs.append(backbone.tag_output)
    size = backbone.batch or (LARGEST_BATCH if network.device == "cuda" else CPU_BATCH)
    parts: dict[str, list[Floats]] = {name: [] for name in outputs}
    done = 0
    for batch in iter_batches(patches, size):
        for name, rows in network.run(batch, outputs).items():
            parts[name].append(rows.reshape(len(batch), -1))
        done += len(batch)
        advance(done / len(patches))
    joined = {name: np.concatenate(rows) for name, rows in parts.items()}
    tags = joined[backbone.tag_output] if backbone.tag_output is not None else None
    return PatchOutput(joined[backbone.embedding_output], tags)


def select_patches(mel: Floats, backbone: Backbone, preset: str) -> Floats:
    """The patches [n, frames, bands] that a preset looks at, n >= 1."""
    size, hop = backbone.patch_frames, backbone.patch_hop
    if preset == "fast":
        hop *= FAST_STEP
    return cut_patches(repeat_to(mel, size), size, hop)


def is_short(mel: Floats, backbone: Backbone) -> bool:
    """Whether the audio does not fill one patch."""
    return count_patches(len(mel), backbone.patch_frames, backbone.patch_hop) == 0
