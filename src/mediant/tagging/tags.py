"""The tags of a track as they would be written: key -> values. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mediant.tagging.calibrate import Calibration
from mediant.tagging.genres import GenreChoice
from mediant.tagging.moods import LISTS, Moods
from mediant.tagging.readings import PAIR, Reading, ScoredHead
from mediant.tagging.tiers import select_top
from mediant.tagging.vocabulary import CALIBRATION_KEY, VERSION_KEY, find_word, slug

Tags = Mapping[str, tuple[str, ...]]

MINIMAL = frozenset(LISTS)


def compose_scores(readings: Sequence[Reading]) -> dict[str, tuple[str, ...]]:
    """One calibrated number a key, four digits; a regression head gives its mean."""
    tags: dict[str, tuple[str, ...]] = {}
    for reading in readings:
        if not reading.is_negative:
            number = reading.counter if reading.end == "low" else reading.calibrated
            tags.setdefault(reading.key, (f"{number:.4f}",))
    return tags


def compose_classes(heads: Sequence[ScoredHead]) -> dict[str, tuple[str, ...]]:
    """The leading classes of every head with more than two, under the head's own name."""
    tags = {}
    for head in heads:
        if head.kind == "multiclass" and len(head.labels) > PAIR:
            scores = {label: head.value(label) for label in head.labels}
            words = _select_classes(scores, head.options)
            if words:
                tags[slug(head.name)] = tuple(find_word(word) for word in words)
    return tags


def compose_moods(moods: Moods) -> dict[str, tuple[str, ...]]:
    """The three inclusive lists; an empty one is no tag."""
    return {key: words for key, words in moods.lists.items() if words}


def compose_genres(
    genres: Sequence[GenreChoice], era: GenreChoice | None
) -> dict[str, tuple[str, ...]]:
    """`genre` as a list and `era`, where there is something to tell."""
    tags: dict[str, tuple[str, ...]] = {}
    if genres:
        tags["genre"] = tuple(choice.word for choice in genres)
    if era is not None:
        tags["era"] = (era.word,)
    return tags


def compose_versions(suite: str, calibration: Calibration) -> dict[str, tuple[str, ...]]:
    """The models behind the tags, and the library's calibration when it has one."""
    tags: dict[str, tuple[str, ...]] = {VERSION_KEY: (suite,)}
    if calibration.version is not None:
        tags[CALIBRATION_KEY] = (calibration.version,)
    return tags


def select_for_mode(tags: Tags, mode: str) -> dict[str, tuple[str, ...]]:
    """What a write mode puts into the file: all (`full`), moods only (`minimal`), or nothing."""
    if mode == "full":
        return dict(tags)
    if mode == "minimal":
        return {key: values for key, values in tags.items() if key in MINIMAL}
    return {}


def _select_classes(scores: Mapping[str, float], options: Mapping[str, Any]) -> list[str]:
    """The leading classes within the limits of the metadata."""
    found = {
        name: value
        for name in ("min_conf", "top_ratio", "max_classes")
        if isinstance(value := options.get(name), int | float)
    }
    return select_top(
        scores,
        min_conf=float(found.get("min_conf", 0.15)),
        top_ratio=float(found.get("top_ratio", 0.5)),
        limit=int(found.get("max_classes", 5)),
    )
