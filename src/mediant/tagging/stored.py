"""Scores as the database keeps them, made heads again: what a retagging has instead of audio. Pure.

What a head is (its kind, its options) is asked of the installed models; the caller makes sure
that the scores are theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mediant.models.suite import Suite
from mediant.tagging.heads import TAGS
from mediant.tagging.parcel import STORED_FLOAT
from mediant.tagging.pooling import STATISTICS, Pooled
from mediant.tagging.projection import (
    MODEL,
    PROJECTIONS,
    Projection,
    list_evidence,
    list_pooled_tags,
    list_strengths,
)
from mediant.tagging.scores import HeadScore, ScoreKind


@dataclass(frozen=True, slots=True)
class StoredScore:
    """One head's row: `stats` are float32 little-endian [6, labels]."""

    model: str
    name: str
    version: str
    labels: tuple[str, ...]
    patches: int
    stats: bytes


def read_stored(told: Mapping[str, Any]) -> StoredScore:
    """A head's row from a message."""
    return StoredScore(**{**told, "labels": tuple(told["labels"])})


def restore_heads(suite: Suite, stored: Sequence[StoredScore]) -> list[HeadScore]:
    """The heads as the analysis had them, in its order; a head that failed then is not there.

    Scores of projected heads are taken as stored; the evidence for them is read again from the
    stored tags, which is where it came from.
    """
    found = {(one.model, one.name): one for one in stored}
    heads = list(_restore_networks(suite, found))
    pooled_tags = list_pooled_tags(heads)
    for projection in PROJECTIONS:
        row = found.get((MODEL, projection.name))
        if row is not None and _is_of(projection, row):
            heads.append(
                replace(
                    _restore(row, "projection"),
                    evidence=list_evidence(projection, pooled_tags),
                    strengths=list_strengths(projection, pooled_tags),
                )
            )
    return heads


def _restore_networks(
    suite: Suite, found: Mapping[tuple[str, str], StoredScore]
) -> Iterator[HeadScore]:
    for backbone in suite.backbones:
        own = found.get((backbone.name, TAGS))
        if own is not None:
            yield _restore(own, "tags")
        for head in suite.heads_of(backbone.name):
            row = found.get((head.backbone, head.name))
            if row is not None:
                yield replace(_restore(row, head.kind), options=head.options)


def _is_of(projection: Projection, row: StoredScore) -> bool:
    return row.labels == projection.labels


def _restore(row: StoredScore, kind: ScoreKind) -> HeadScore:
    numbers = np.frombuffer(row.stats, STORED_FLOAT).astype(np.float32, copy=False)
    stats = numbers.reshape(len(STATISTICS), len(row.labels))
    pooled = Pooled(stats, row.patches)
    return HeadScore(row.model, row.name, row.version, kind, row.labels, pooled)
