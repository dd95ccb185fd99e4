"""From scores to words: moods, genres, era and tags, and why. Pure.

The analysis and every later retagging go through these functions, so that the same scores and the
same calibration give the same tags, with audio at hand or without.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from mediant.tagging import tags
from mediant.tagging.calibrate import Calibration
from mediant.tagging.genres import GenreChoice, choose_era, choose_genres
from mediant.tagging.moods import MoodOptions, Moods, choose_moods
from mediant.tagging.pooling import STATISTICS
from mediant.tagging.readings import ScoredHead, read_heads


@dataclass(frozen=True, slots=True)
class Signal:
    """What the sound itself says: tempo (beats a minute), key, energy; None where unknown."""

    bpm: float | None = None
    key: str | None = None
    mode: str | None = None
    energy: float | None = None

    def compose(self) -> dict[str, tuple[str, ...]]:
        """Its tags."""
        found: dict[str, tuple[str, ...]] = {}
        if self.bpm is not None and self.bpm > 0:
            found["bpm"] = (f"{self.bpm:.1f}",)
        if self.key is not None:
            found["key"] = (f"{self.key} {self.mode}",)
        if self.energy is not None:
            found["energy"] = (f"{self.energy:.4f}",)
        return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What scores become words by: the calibration, the user's wishes, the models' version."""

    calibration: Calibration
    moods: MoodOptions
    suite: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a track is called, and the choices behind it."""

    moods: Moods
    genres: tuple[GenreChoice, ...]
    era: GenreChoice | None
    tags: tags.Tags


def compose(scores: Sequence[ScoredHead], signal: Signal, terms: Terms) -> Words:
    """All words of a track from its pooled scores, in the order of the models."""
    calibration = terms.calibration
    readings = read_heads(scores, calibration)
    moods = choose_moods(readings, terms.moods)
    genres = choose_genres(scores, calibration)
    era = choose_era(scores, calibration)
    composed = {
        **tags.compose_moods(moods),
        **tags.compose_scores(readings),
        **tags.compose_classes(scores),
        **tags.compose_genres(genres, era),
        **signal.compose(),
        **tags.compose_versions(terms.suite, calibration),
    }
    return Words(moods, genres, era, composed)


def explain(words: Words, calibration: Calibration) -> str:
    """Why the track got its words, as JSON: stored with it and shown by `mediant show`."""
    told = {
        "calibration": calibration.name,
        "statistics": list(STATISTICS),
        "moods": [choice.describe() for choice in words.moods.choices],
        "genres": [choice.describe() for choice in words.genres],
        "era": words.era.describe() if words.era else None,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
