"""The one table of words: labels of heads, tag keys, mood words and which words oppose.

Tagger, playlists, queries and templates all take their words from here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOOD_KEYS = {
    "happy": "mood_happy",
    "sad": "mood_sad",
    "aggressive": "mood_aggressive",
    "relaxed": "mood_relaxed",
    "party": "mood_party",
    "acoustic": "mood_acoustic",
    "electronic": "mood_electronic",
    "danceable": "danceability",
    "approachable": "approachability",
    "engaging": "engagement",
    "female": "female",
    "male": "male",
    "tonal": "tonal",
    "atonal": "atonal",
    "voice": "voice",
    "instrumental": "instrumental",
    "bright": "bright",
    "dark": "dark",
    "loud": "loud",
    "quiet": "quiet",
    "fast": "fast",
    "slow": "slow",
}
"""Label of a head -> the stable key of its score."""

WORDS = {
    "happy": "happy",
    "sad": "sad",
    "aggressive": "aggressive",
    "relaxed": "relaxed",
    "party": "party",
    "acoustic": "acoustic",
    "electronic": "electronic",
    "danceable": "danceable",
    "female": "female vocal",
    "male": "male vocal",
    "tonal": "tonal",
    "atonal": "atonal",
    "voice": "vocal",
    "instrumental": "instrumental",
    "bright": "bright",
    "dark": "dark",
    "approachable": "mainstream",
    "engaging": "engaging",
    "fringe": "fringe",
    "mellow": "mellow",
}
"""Label of a head -> the word that stands in the mood lists."""

NO_MOOD = frozenset({"loud", "quiet", "fast", "slow"})
"""Labels that have a score and a key but are no mood."""

REGRESSION_TERMS = {
    "approachability": ("mainstream", "fringe"),
    "engagement": ("engaging", "mellow"),
}
"""Key of a regression head -> its words at the high and at the low end."""

OPPOSITES = (
    ("happy", "sad"),
    ("aggressive", "relaxed"),
    ("electronic", "acoustic"),
    ("party", "not party"),
    ("danceable", "not danceable"),
    ("bright", "dark"),
    ("male vocal", "female vocal"),
    ("tonal", "atonal"),
    ("instrumental", "vocal"),
    ("mainstream", "fringe"),
    ("engaging", "mellow"),
)
"""Words that cannot both be true of a track. Compared whole: `tonal` is not inside `atonal`."""

VERSION_KEY = "nom_version"
CALIBRATION_KEY = "nom_calibration"
"""Keys of the tags that say by which models and which calibration the others are."""

_NEGATED = re.compile(r"^(?:non|not|no)[_ ](?P<base>.+)$")


@dataclass(frozen=True, slots=True)
class Pole:
    """One label of a head with its place in the vocabulary.

    `is_negative`: the label only denies another one (`non_happy`); it has no key of its own.
    """

    label: str
    key: str
    word: str
    is_negative: bool = False


def slug(text: str) -> str:
    """A key made of a label: lower case, words joined by `_`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def find_base(label: str) -> str | None:
    """The label that `label` denies (`non_happy` -> `happy`), or None."""
    found = _NEGATED.match(label.strip().lower())
    return found["base"] if found else None


def find_word(label: str) -> str:
    """The word of a label; a label that the table lacks becomes its own word."""
    base = find_base(label)
    if base is not None:
        return f"not {find_word(base)}"
    plain = label.strip().lower()
    return WORDS.get(plain, plain.replace("_", " "))


def read_poles(labels: Sequence[str]) -> tuple[Pole, ...]:
    """The poles of a head, in the order of its labels."""
    known = {label.strip().lower() for label in labels}
    poles = []
    for label in labels:
        base = find_base(label)
        denies = base is not None and base in known
        plain = base if denies and base is not None else label.strip().lower()
        key = MOOD_KEYS.get(plain, slug(plain))
        poles.append(Pole(label, key, find_word(label), is_negative=denies))
    return tuple(poles)


def find_opposites(word: str) -> tuple[str, ...]:
    """The words that cannot stand beside `word`, its own denial included."""
    listed = [b if a == word else a for a, b in OPPOSITES if word in (a, b)]
    denial = word.removeprefix("not ") if word.startswith("not ") else f"not {word}"
    return tuple(dict.fromkeys([*listed, denial]))
