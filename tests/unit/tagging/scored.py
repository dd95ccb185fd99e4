"""Heads with given scores, for tests of everything after the networks."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediant.tagging.pooling import Pooled
from mediant.tagging.scores import HeadScore, ScoreKind


def scored(
    name: str,
    values: Mapping[str, float],
    kind: ScoreKind = "multiclass",
    *,
    model: str = "msd-musicnn",
    deviation: float = 0.01,
    options: Mapping[str, Any] | None = None,
) -> HeadScore:
    """A head whose labels have these scores in every patch, and this deviation."""
    row = np.array(list(values.values()), np.float32)
    stats = np.stack([row, row, np.full_like(row, deviation), row, row, row])
    return HeadScore(model, name, "1" * 12, kind, tuple(values), Pooled(stats, 8), options or {})
