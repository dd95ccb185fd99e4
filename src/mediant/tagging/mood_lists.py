"""The three mood lists as a file carries them, as one text to compare. Pure and light."""

import json
from collections.abc import Mapping, Sequence

MOOD_LISTS = ("mood-loose", "mood-regular", "mood-strict")
"""The tag keys, sorted; each list contains the stricter ones."""


def spell_moods(tags: Mapping[str, Sequence[str]]) -> str:
    """The mood lists among these tags as JSON: a file is written anew when this text changes."""
    lists = {key: sorted(tags[key]) for key in MOOD_LISTS if tags.get(key)}
    return json.dumps(lists, ensure_ascii=False, separators=(",", ":"))
