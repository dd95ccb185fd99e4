"""Units for people."""

import pytest

from mediant.kernel.units import count, format_duration


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (0, "0 s"),
        (0.04, "0.04 s"),
        (0.4, "0.4 s"),
        (1.0, "1 s"),
        (6.96, "7 s"),
        (9.97, "10 s"),
        (45.4, "45 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_duration_is_told_as_far_as_it_says_something(duration_s, text):
    assert format_duration(duration_s) == text


def test_one_thing_and_more():
    assert [count(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
    assert count(2, "entry", "entries") == "2 entries"
