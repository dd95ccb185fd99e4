"""Pure parts of retagging: wishes, mood lists as text, scores made heads again."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mediant.models.suite import Suite
from mediant.tagging.mood_lists import MOOD_LISTS, spell_moods
from mediant.tagging.pooling import STATISTICS
from mediant.tagging.retag import merge_retags
from mediant.tagging.stored import StoredScore, restore_heads
from mediant.tagging.tags import MINIMAL

words = st.lists(st.sampled_from(["happy", "sad", "party", "vocal"]), unique=True)


def test_the_lists_are_those_that_a_minimal_write_writes() -> None:
    assert set(MOOD_LISTS) == MINIMAL


@given(st.dictionaries(st.sampled_from([*MOOD_LISTS, "genre", "bpm"]), words))
def test_only_mood_words_count_and_their_order_does_not(tags: dict[str, list[str]]) -> None:
    text = spell_moods(tags)
    assert spell_moods({key: values[::-1] for key, values in tags.items()}) == text
    assert spell_moods({**tags, "genre": ["Rock"], "mood_happy": ["0.5"]}) == text
    for key in MOOD_LISTS:
        assert spell_moods({**tags, key: [*tags.get(key, []), "tonal"]}) != text


def test_a_wish_to_rewrite_everything_is_not_lost() -> None:
    old = {"library_id": None, "all": True, "calibration": "a"}
    assert merge_retags(old, {**old, "all": False}) == old
    assert merge_retags(old, {**old, "all": False, "calibration": "b"})["calibration"] == "b"


@given(st.floats(0, 1, width=32), st.integers(1, 50))
def test_a_score_comes_back_to_the_last_bit(value: float, patches: int) -> None:
    stats = np.full((len(STATISTICS), 2), value, "<f4")
    row = StoredScore(
        "projection", "happy_sad", "1" * 12, ("happy", "sad"), patches, stats.tobytes()
    )
    (head,) = restore_heads(Suite(Path(), (), (), ()), [row])
    assert (head.kind, head.pooled.patches) == ("projection", patches)
    assert head.value("sad") == head.value("happy", "p90") == float(np.float32(value))


def test_a_projected_head_of_another_rule_is_left_out() -> None:
    stats = np.zeros((len(STATISTICS), 1), "<f4").tobytes()
    row = StoredScore("projection", "happy_sad", "1" * 12, ("joyful",), 8, stats)
    assert restore_heads(Suite(Path(), (), (), ()), [row]) == []
