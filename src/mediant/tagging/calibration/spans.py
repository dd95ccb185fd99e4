"""Spans as they are put in force, and the version that names them. Pure."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple


class LabelSpan(NamedTuple):
    """The span of one label of one version of a head."""

    model: str
    head: str
    label: str
    version: str
    """Of the network, not of the run: equal spans have equal names, whenever they were measured."""
    p5: float
    p95: float


def name_spans(spans: Iterable[LabelSpan]) -> str:
    """The first 12 hex digits of the SHA-256 over the sorted spans."""
    text = json.dumps(sorted(spans), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def describe_spans(spans: Iterable[LabelSpan]) -> dict[str, Any]:
    """What tagging is told: `version`, and `spans` as [model, head, label, p5, p95]."""
    listed = sorted(spans)
    told = [[one.model, one.head, one.label, one.p5, one.p95] for one in listed]
    return {"version": name_spans(listed), "spans": told}
