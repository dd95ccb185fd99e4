"""What is asked, as a job."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.transcribe.places import to_ours, to_theirs
from mediant.subtitles.transcribe.wish import (
    DETECT,
    PRIORITY_LIMIT,
    TRANSCRIBE,
    Wish,
    detection_job,
    read_priority,
    to_priority,
)

SETTINGS = SubtitlesSettings()
MAPPED = SubtitlesSettings(
    use_path_mapping=True, path_mapping_from="/tv", path_mapping_to="/mnt/tv"
)


def test_a_wish_becomes_a_job_of_the_lane_speech():
    new = Wish("/m/Film.mkv", "French", "en", priority=7).new_job(SETTINGS)
    assert (new.kind, new.lane, new.priority) == (TRANSCRIBE, "speech", 1_000_007)
    assert new.payload["target_lang"] == "fra"
    assert new.payload["source_lang"] == "eng"
    assert new.payload["mode"] == "transcribe"
    assert new.dedup_key == "/m/Film.mkv|fra"


def test_the_spoken_language_may_be_the_target():
    assert Wish("/m/a.mkv", "").new_job(SETTINGS).payload["target_lang"] == "und"


def test_the_same_file_by_a_link_is_the_same_work(tmp_path: Path):
    real = tmp_path / "Film.mkv"
    real.touch()
    link = tmp_path / "link.mkv"
    link.symlink_to(real)
    keys = {Wish(p, t).new_job(SETTINGS).dedup_key for p in (real, link) for t in ("fre", "fr")}
    assert keys == {f"{real}|fra"}


def test_the_mode_makes_no_other_work_but_another_file_does():
    base = Wish("/m/a.mkv", "eng").new_job(SETTINGS).dedup_key
    assert Wish("/m/a.mkv", "eng", mode="translate").new_job(SETTINGS).dedup_key == base
    others = [
        Wish("/m/a.mkv", "eng", form="vtt"),
        Wish("/m/a.mkv", "eng", folder="/out"),
        Wish("/m/a.mkv", "eng", is_trial=True),
        Wish("/m/a.mkv", "spa"),
    ]
    assert len({base, *(wish.new_job(SETTINGS).dedup_key for wish in others)}) == 5


@pytest.mark.parametrize(
    "wish",
    [
        Wish("/m/a.mkv", "nonsense"),
        Wish("/m/a.mkv", "eng", "nonsense"),
        Wish("/m/a.mkv", "eng", preset="slow"),  # type: ignore[arg-type]
        Wish("/m/a.mkv", "eng", mode="sing"),  # type: ignore[arg-type]
        Wish("/m/a.mkv", "eng", form="doc"),
        Wish("/m/a.mkv", "eng", track=-1),
        Wish("/m/a.mkv", "eng", track=10**30),
        Wish("a.mkv", "eng"),
        Wish("/m/a.mkv", "eng", folder="../out"),
        Wish("/m/\udcff.mkv", "eng"),
        Wish("/m/a.mkv", "eng", priority=PRIORITY_LIMIT),
    ],
)
def test_what_makes_no_sense_is_refused(wish):
    with pytest.raises(Invalid):
        wish.new_job(SETTINGS)


@given(st.integers(1 - PRIORITY_LIMIT, PRIORITY_LIMIT - 1), st.sampled_from([0, 1, 2]))
def test_a_priority_keeps_its_number_within_its_class(number, of_class):
    stored = to_priority(number, of_class)
    assert read_priority(stored) == number
    assert stored < to_priority(1 - PRIORITY_LIMIT, 2) or of_class == 2
    if of_class < 2:
        assert stored < to_priority(1 - PRIORITY_LIMIT, of_class + 1)


def test_detection_jobs_go_before_other_background_work():
    new = detection_job("/m/a.mkv", SETTINGS)
    assert (new.kind, new.priority, new.dedup_key) == (DETECT, 15, "/m/a.mkv")


def test_paths_of_other_programs_become_ours_by_whole_folders():
    assert to_ours("/tv/Show/1.mkv", MAPPED) == Path("/mnt/tv/Show/1.mkv")
    assert to_ours("/tv2/Show/1.mkv", MAPPED) == Path("/tv2/Show/1.mkv")
    assert to_ours("/x/tv/1.mkv", MAPPED) == Path("/x/tv/1.mkv")
    assert to_ours("/tv/1.mkv", SETTINGS) == Path("/tv/1.mkv")
    assert to_theirs(Path("/mnt/tv/1.mkv"), MAPPED) == Path("/tv/1.mkv")
    assert Wish("/tv/1.mkv", "eng").new_job(MAPPED).payload["path"] == "/mnt/tv/1.mkv"
