"""Projected heads: moods from the tags of the two built-in networks, where no real head is.

A stated heuristic, shown as such: a group of tags is as strong as 1 - product(1 - a) over its
entries (a: the tag's score; synonyms joined in one entry count once, by their maximum). A head
with two poles scores g(pos) / (g(pos) + g(opp)), a head with one pole g(pos).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mediant.tagging.patches import Floats
from mediant.tagging.pooling import STATISTICS, Pooled, pool
from mediant.tagging.scores import HeadScore

MODEL = "projection"
MSD, MTT = "msd-musicnn", "mtt-musicnn"

Tag = tuple[str, str]
"""(vocabulary, label)."""
Entry = tuple[Tag, ...]
"""Synonyms."""


def _entry(*tags: str) -> Entry:
    """`S rock` is the label of the MSD vocabulary, `T rock` that of MTT."""
    names = {"S": MSD, "T": MTT}
    return tuple((names[tag[0]], tag[2:]) for tag in tags)


@dataclass(frozen=True, slots=True)
class Projection:
    """One projected head: its labels (one or two) and the tags that speak for each."""

    name: str
    labels: tuple[str, ...]
    groups: tuple[tuple[Entry, ...], ...]


_RELAXED = (
    _entry("S chill", "S chillout"),
    _entry("S Mellow"),
    _entry("S easy listening"),
    _entry("T soft", "T quiet"),
)
_AGGRESSIVE = (
    _entry("S metal", "S heavy metal", "T metal"),
    _entry("S hard rock"),
    _entry("S punk"),
    _entry("T loud"),
)
_FEMALE = (
    _entry("S female vocalists", "S female vocalist"),
    _entry("T female", "T woman", "T female vocal", "T female voice"),
)
_MALE = (_entry("S male vocalists"), _entry("T male", "T man", "T male vocal", "T male voice"))

PROJECTIONS = (
    Projection("happy_sad", ("happy", "sad"), ((_entry("S happy"),), (_entry("S sad"),))),
    Projection("party", ("party",), ((_entry("S party"),),)),
    Projection("relaxed_aggressive", ("relaxed", "aggressive"), (_RELAXED, _AGGRESSIVE)),
    Projection(
        "danceability",
        ("danceable",),
        (
            (
                _entry("S dance", "T dance"),
                _entry("S House"),
                _entry("T techno"),
                _entry("T beat", "T beats"),
            ),
        ),
    ),
    Projection(
        "acoustic_electronic",
        ("acoustic", "electronic"),
        (
            (_entry("S acoustic"),),
            (
                _entry("S electronic", "S electronica", "S electro", "T electronic"),
                _entry("T techno"),
                _entry("T synth"),
            ),
        ),
    ),
    Projection(
        "voice_instrumental",
        ("voice", "instrumental"),
        (
            (
                _entry("S female vocalists", "S female vocalist"),
                _entry("S male vocalists"),
                _entry("T vocal", "T vocals", "T voice", "T singing"),
            ),
            (_entry("S instrumental"), _entry("T no vocals", "T no vocal", "T no voice")),
        ),
    ),
    Projection("female_male", ("female", "male"), (_FEMALE, _MALE)),
    Projection(
        "loud_quiet", ("loud", "quiet"), ((_entry("T loud"),), (_entry("T quiet", "T soft"),))
    ),
    Projection("fast_slow", ("fast", "slow"), ((_entry("T fast"),), (_entry("T slow"),))),
)


def version_of(projection: Projection, sources: Mapping[str, str]) -> str:
    """Twelve hex digits over the head's own rule and the versions of the networks behind it."""
    used = {vocabulary for group in projection.groups for entry in group for vocabulary, _ in entry}
    text = repr((projection, sorted((name, sources.get(name, "")) for name in used)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def strength(group: Sequence[Entry], tags: Mapping[Tag, Floats]) -> Floats | None:
    """1 - product(1 - a) over the entries that the networks know; None when they know none.

    `tags` maps a tag to its scores, float [n]; the answer is float64 [n].
    """
    silence = None
    for entry in group:
        known = [tags[tag] for tag in entry if tag in tags]
        if known:
            quiet = 1.0 - np.max(np.stack(known).astype(np.float64), axis=0)
            silence = quiet if silence is None else silence * quiet
    return None if silence is None else np.asarray(1.0 - silence)


def project(projection: Projection, tags: Mapping[Tag, Floats]) -> Floats | None:
    """Scores [n, labels] from tag scores [n] each; None when a pole has no known tag.

    Bounded by [0, 1]; the two poles of a head add up to 1.
    """
    strengths = [strength(group, tags) for group in projection.groups]
    if any(found is None for found in strengths):
        return None
    first = np.asarray(strengths[0])
    if len(strengths) == 1:
        return np.asarray(first[:, np.newaxis], dtype=np.float32)
    total = first + np.asarray(strengths[1])
    share = np.divide(first, total, out=np.full_like(first, 0.5), where=total > 0)
    return np.asarray(np.stack([share, 1.0 - share], axis=1), dtype=np.float32)


def project_track(
    projection: Projection,
    scores: Sequence[HeadScore],
    patches: Mapping[str, Floats],
) -> HeadScore | None:
    """One projected head of a track, or None when the networks behind it are not there.

    The trimmed and plain means are projected from the pooled tags; the statistics of spread come
    from the projection of every patch, which needs networks that cut the same patches: NaN else.
    `patches` maps a vocabulary to its activations [patches, labels].
    """
    pooled_tags = list_pooled_tags(scores)
    projected = project(projection, pooled_tags)
    if projected is None:
        return None
    stats = np.full((len(STATISTICS), len(projection.labels)), np.nan, np.float32)
    stats[:2] = projected[:2]
    spread = _project_patches(projection, scores, patches)
    if spread is not None:
        stats[2:] = spread.stats[2:]
    sources = {
        vocabulary: score.version
        for score in scores
        if (vocabulary := find_vocabulary(score.model)) and score.kind == "tags"
    }
    return HeadScore(
        MODEL,
        projection.name,
        version_of(projection, sources),
        "projection",
        projection.labels,
        Pooled(stats, max(score.pooled.patches for score in scores if score.kind == "tags")),
        evidence=list_evidence(projection, pooled_tags),
        strengths=list_strengths(projection, pooled_tags),
    )


def list_pooled_tags(scores: Sequence[HeadScore]) -> dict[Tag, Floats]:
    """The pooled tags of the networks that tag: float32 [6] each, the trimmed mean first."""
    return {
        (vocabulary, label): score.pooled.stats[:, column]
        for score in scores
        if (vocabulary := find_vocabulary(score.model)) and score.kind == "tags"
        for column, label in enumerate(score.labels)
    }


def _project_patches(
    projection: Projection, scores: Sequence[HeadScore], patches: Mapping[str, Floats]
) -> Pooled | None:
    if len({len(rows) for rows in patches.values()}) != 1:
        return None
    labels = {
        find_vocabulary(score.model): score.labels for score in scores if score.kind == "tags"
    }
    tags = {
        (vocabulary, label): np.clip(rows[:, column], 0.0, 1.0)
        for vocabulary, rows in patches.items()
        for column, label in enumerate(labels.get(vocabulary, ()))
    }
    found = project(projection, tags)
    return None if found is None else pool(found)


def list_evidence(
    projection: Projection, tags: Mapping[Tag, Floats]
) -> dict[str, dict[str, float]]:
    """Label -> the tags that speak for it, with the first of their values."""
    return {
        label: {
            f"{vocabulary} {name}": float(tags[vocabulary, name][0])
            for entry in group
            for vocabulary, name in entry
            if (vocabulary, name) in tags
        }
        for label, group in zip(projection.labels, projection.groups, strict=True)
    }


def list_strengths(projection: Projection, tags: Mapping[Tag, Floats]) -> dict[str, float]:
    """Label -> how strong its tags are together, of the first of their values."""
    pairs = zip(projection.labels, projection.groups, strict=True)
    found = {label: strength(group, tags) for label, group in pairs}
    return {label: float(values[0]) for label, values in found.items() if values is not None}


def find_vocabulary(model: str) -> str | None:
    """Which of the two vocabularies a network speaks, or None."""
    names = (name for name in (MSD, MTT) if model == name or model.startswith(f"{name}-"))
    return next(names, None)
