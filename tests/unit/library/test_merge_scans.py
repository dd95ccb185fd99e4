"""What two wishes for the same scan come to."""

import pytest

from mediant.library.scan_jobs import merge_scans

PLAIN = {"library_id": 1, "force": False}
FORCED = {"library_id": 1, "force": True}
CLEANING = {"library_id": 1, "force": False, "clean_missing": True}
WATCHED = {"library_id": 1, "settle_s": 5.0}


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        (PLAIN, PLAIN, PLAIN),
        (PLAIN, WATCHED, PLAIN),
        (WATCHED, WATCHED, WATCHED),
        (WATCHED, {**WATCHED, "settle_s": 2.0}, {**WATCHED, "settle_s": 2.0}),
        (WATCHED, PLAIN, {"library_id": 1}),
        (WATCHED, FORCED, FORCED),
        (PLAIN, FORCED, FORCED),
        (FORCED, PLAIN, FORCED),
        (CLEANING, PLAIN, CLEANING),
        (FORCED, CLEANING, {**FORCED, "clean_missing": True}),
    ],
)
def test_the_stronger_wish_wins(old, new, merged):
    assert merge_scans(old, new) == merged
