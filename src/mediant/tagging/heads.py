"""Heads: embeddings of all patches to pooled scores of every label."""

from collections.abc import Sequence

import numpy as np

from mediant.errors import ModelError
from mediant.models.network import Network
from mediant.models.registry import Backbone, Head
from mediant.tagging.patches import Floats
from mediant.tagging.pooling import Pooled, pool
from mediant.tagging.scores import Embedding, HeadScore, PatchOutput

TAGS = "tags"
"""Name of the head that a tagging network itself is."""


def score_head(head: Head, network: Network, version: str, embeddings: Floats) -> HeadScore:
    """Run a head on [patches, width] and pool its labels.

    ModelError when the output does not have one column a label.
    """
    rows = network.run(embeddings, [head.output_name])[head.output_name]
    scores = rows.reshape(len(embeddings), -1)
    if scores.shape[1] != len(head.labels):
        text = f"the head gives {scores.shape[1]} values for {len(head.labels)} labels"
        raise ModelError(text, asset=f"{head.backbone}/{head.name}")
    pooled = pool(clip(scores))
    return HeadScore(
        head.backbone, head.name, version, head.kind, head.labels, pooled, head.options
    )


def score_tags(backbone: Backbone, version: str, activations: Floats) -> HeadScore:
    """Pool a network's own tag activations [patches, labels]."""
    pooled = pool(clip(activations))
    return HeadScore(backbone.name, TAGS, version, "tags", backbone.tag_labels, pooled)


def pool_embedding(backbone: Backbone, version: str, output: PatchOutput) -> Embedding:
    """The track's vector: the trimmed mean over its patches."""
    return Embedding(backbone.name, version, pool(output.embeddings).row("trimmed").copy())


def clip(scores: Floats) -> Floats:
    """Scores into [0, 1]; NaN stays NaN."""
    return np.clip(scores, 0.0, 1.0).astype(np.float32)


def warn_dead(score: HeadScore) -> Sequence[str]:
    """Flags for labels that gave no number in any patch."""
    return [f"no_number:{score.model}/{score.name}/{score.labels[i]}" for i in dead(score.pooled)]


def dead(pooled: Pooled) -> tuple[int, ...]:
    """Columns that are 0 only because they had no number."""
    return pooled.dead
