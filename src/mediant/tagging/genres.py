"""Genres and era from the style words among the networks' tags. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediant.tagging.calibrate import Calibration, Span, calibrate
from mediant.tagging.projection import MSD, MTT, find_vocabulary
from mediant.tagging.readings import ScoredHead, find_span

GENRES: Mapping[str, Mapping[str, str]] = {
    MSD: {
        "rock": "Rock",
        "pop": "Pop",
        "alternative": "Alternative",
        "indie": "Indie",
        "electronic": "Electronic",
        "dance": "Dance",
        "alternative rock": "Alternative Rock",
        "jazz": "Jazz",
        "metal": "Metal",
        "classic rock": "Classic Rock",
        "soul": "Soul",
        "indie rock": "Indie Rock",
        "electronica": "Electronica",
        "folk": "Folk",
        "punk": "Punk",
        "blues": "Blues",
        "hard rock": "Hard Rock",
        "ambient": "Ambient",
        "experimental": "Experimental",
        "Hip-Hop": "Hip-Hop",
        "country": "Country",
        "funk": "Funk",
        "electro": "Electro",
        "heavy metal": "Heavy Metal",
        "Progressive rock": "Progressive Rock",
        "rnb": "R&B",
        "indie pop": "Indie Pop",
        "House": "House",
        "chillout": "Chillout",
        "easy listening": "Easy Listening",
    },
    MTT: {
        "classical": "Classical",
        "techno": "Techno",
        "indian": "Indian",
        "opera": "Opera",
        "new age": "New Age",
        "choral": "Choral",
    },
}
"""Style words by vocabulary, and how they are written. MTT adds those that MSD lacks."""

DECADES = {"60s": "60s", "70s": "70s", "80s": "80s", "90s": "90s", "00s": "00s"}

FLOOR = 0.10
"""No genre below this score: the network gives it less than one chance in ten."""
SHARE = 0.5
"""Of the strongest genre of the same network; what is weaker is its shadow."""
LIMIT = 5
STYLE_MARK = "---"
"""Label form of networks that tag `genre---style`."""
ERA_FLOOR = 0.05
ERA_LEAD = 1.25
"""The strongest decade stands this far above the next one, or none is told."""


@dataclass(frozen=True, slots=True)
class GenreChoice:
    """A genre or era that was chosen, and the numbers behind it."""

    word: str
    model: str
    label: str
    raw: float
    calibrated: float
    span: Span
    rule: str

    def describe(self) -> dict[str, object]:
        """The explanation as JSON values."""
        return {
            "word": self.word,
            "model": self.model,
            "label": self.label,
            "raw": round(self.raw, 4),
            "calibrated": round(self.calibrated, 4),
            "span": {
                "low": round(self.span.low, 4),
                "high": round(self.span.high, 4),
                "from": self.span.source,
            },
            "why": f"{self.model} says {self.label} {self.raw:.4f}: {self.rule}",
        }


def choose_genres(heads: Sequence[ScoredHead], calibration: Calibration) -> tuple[GenreChoice, ...]:
    """At most five genres, strongest network first, each word once.

    A network with its own style labels speaks alone; else MSD, then what MTT adds.
    """
    tagging = [head for head in heads if head.kind == "tags"]
    styled = [head for head in tagging if any(STYLE_MARK in label for label in head.labels)]
    chosen: dict[str, GenreChoice] = {}
    for head in styled or sorted(tagging, key=lambda head: head.model != MSD):
        for choice in _choose_of(head, calibration):
            chosen.setdefault(choice.word, choice)
    return tuple(chosen.values())[:LIMIT]


def _choose_of(head: ScoredHead, calibration: Calibration) -> list[GenreChoice]:
    """Labels of one network that reach the floor and half of its own strongest genre."""
    words = list_genre_labels(head)
    scores = {label: head.value(label) for label in words}
    floor = max(FLOOR, SHARE * max(scores.values(), default=0.0))
    ranked = sorted(scores, key=lambda label: (-scores[label], label))
    return [
        _make(head, label, words[label], calibration, f"score at least {floor:.4f}")
        for label in ranked
        if scores[label] >= floor
    ]


def choose_era(heads: Sequence[ScoredHead], calibration: Calibration) -> GenreChoice | None:
    """The decade that stands out, or None. Decades are compared after calibration."""
    head = next((h for h in heads if h.kind == "tags" and find_vocabulary(h.model) == MSD), None)
    if head is None:
        return None
    known = [label for label in head.labels if label in DECADES]
    ranked = sorted(known, key=lambda label: -head.value(label))
    if not ranked:
        return None
    first, rest = ranked[0], ranked[1:]
    lead = max(ERA_FLOOR, ERA_LEAD * max((head.value(label) for label in rest), default=0.0))
    if head.value(first) < lead:
        return None
    return _make(head, first, DECADES[first], calibration, f"score at least {lead:.4f}")


def list_genre_labels(head: ScoredHead) -> dict[str, str]:
    """Style labels of a tagging network -> the genre as it is written."""
    styles = {label: label.split(STYLE_MARK)[-1] for label in head.labels if STYLE_MARK in label}
    if styles:
        return styles
    table = GENRES.get(find_vocabulary(head.model) or "", {})
    return {label: table[label] for label in head.labels if label in table}


def _make(
    head: ScoredHead, label: str, word: str, calibration: Calibration, rule: str
) -> GenreChoice:
    span = find_span(head, label, calibration)
    raw = head.value(label)
    return GenreChoice(word, head.model, label, raw, calibrate(raw, span), span, rule)
