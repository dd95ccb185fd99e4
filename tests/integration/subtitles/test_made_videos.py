"""Made videos go through rules, a scan and jobs, in a real server with a real model, and each ends
as it should: with the right file that says the right thing, or with the right reason."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.integration.subtitles.cinema import (
    HAS_ALL,
    RATE,
    Cinema,
    Scanned,
    list_files,
    loudness,
    open_cinema,
    place,
    read_text,
    trim,
)
from tests.integration.subtitles.made_cases import CASES, FRENCH, RULES, SHORT, SPANISH, Case

from mediant.subtitles.formats import read_cues
from mediant.testing.speech import plain_words
from mediant.testing.videos import Sound, VideoFactory

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("made videos"),
    pytest.mark.corpus,
    pytest.mark.models,
    pytest.mark.skipif(not HAS_ALL, reason="needs `make corpora` and the speech models"),
]
TOLERANCE_S = 0.3
ENGLISH = frozenset("the and of to is you it that for your in are was could not can".split())  # noqa: SIM905 (words)
CASTILIAN = frozenset("el la de que los para por en su una con lo pero las del fue".split())  # noqa: SIM905


@pytest.fixture(scope="module")
def cinema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cinema]:
    """The server of all tests here."""
    with open_cinema(tmp_path_factory.mktemp("config")) as opened:
        yield opened


@pytest.fixture
def videos(tmp_path: Path) -> VideoFactory:
    """The films of one test."""
    return VideoFactory(tmp_path / "films")


@dataclass(slots=True)
class Season:
    """All cases, after a scan."""

    folder: Path
    analyses: dict[str, dict[str, object]]
    """Before the scan, by the name of the case."""
    scanned: Scanned
    before: set[str]
    after: set[str]


@pytest.fixture(scope="module")
def season(cinema: Cinema, tmp_path_factory: pytest.TempPathFactory) -> Season:
    folder = tmp_path_factory.mktemp("season")
    factory = VideoFactory(folder)
    for case in CASES:
        case.make(factory, cinema.voices, case.name)
    _prepare(cinema)
    analyses = {case.name: cinema.analyse(folder / case.name) for case in CASES}
    before = list_files(folder)
    scanned = cinema.scan(folder)
    return Season(folder, analyses, scanned, before, list_files(folder))


def _prepare(cinema: Cinema) -> None:
    cinema.change(preferred_audio_languages="fra,eng")
    cinema.set_rules(*RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_video_ends_as_it_should(case: Case, cinema: Cinema, season: Season) -> None:
    path = season.folder / case.name
    jobs = season.scanned.jobs.get(str(path), [])
    kinds = ["language_detection"] * case.is_heard + ["transcription"] * (case.end == "made")
    assert [job["job_type"] for job in jobs] == kinds, jobs
    assert [job["state"] for job in jobs] == ["done"] * len(jobs), jobs
    if case.end == "made":
        wanted = season.folder / case.file
        job = jobs[-1]
        assert Path(job["output_path"]) == wanted
        assert (job["source_language"], job["target_language"]) == (case.source, case.target)
        assert cinema.says(wanted, case.says), read_text(wanted)
        assert f"{path}: rule" in season.scanned.log
    elif case.end == "left" and not case.is_heard:
        line = f"{re.escape(str(path))}: rule '{case.rule}' fits, but no job: {case.reason}"
        assert re.search(line, season.scanned.log)
    elif case.end == "unreadable":
        assert f"{path} cannot be read: " in season.scanned.log
    else:
        assert case.is_heard or str(path) not in season.scanned.log


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_look_into_the_file_foretells_it(case: Case, season: Season) -> None:
    told = season.analyses[case.name]
    if case.end == "unreadable":
        assert told["status"] == 422, told
        return
    if case.end == "nothing":
        return
    if case.is_heard:
        assert told["job"] == "detect_language", told
        return
    assert told["rule"] == (case.rule or None), told
    if case.end == "made":
        assert told["job"] == "transcribe"
    elif case.end == "left":
        assert told["job"] is None
        assert re.fullmatch(case.reason, str(told["skip_reason"]))


def test_nothing_else_was_written(season: Season) -> None:
    wanted = {case.file for case in CASES if case.end == "made"}
    assert season.after - season.before == wanted
    assert season.before - season.after == set()


def test_the_counts_are_true(season: Season) -> None:
    ends = [case.end for case in CASES]
    looked_at = len(CASES) - ends.count("nothing")
    fitting = ends.count("made") + ends.count("left")
    made = sum(case.end == "made" or case.is_heard for case in CASES)
    counts = season.scanned.counts
    found = {name: counts[name] for name in ("scanned", "matched", "created", "skipped")}
    assert found == {
        "scanned": looked_at, "matched": fitting, "created": made, "skipped": fitting - made,
    }  # fmt: skip


def test_a_second_scan_has_nothing_left_to_do(cinema: Cinema, season: Season) -> None:
    """But for the film of three languages: with its Spanish file it is a case for the last rule."""
    _prepare(cinema)
    again = cinema.scan(season.folder)
    three = str(season.folder / "Rule.mkv")
    assert set(again.jobs) == {three}
    assert [job["target_language"] for job in again.jobs[three]] == ["fra"]
    assert cinema.says(season.folder / "Rule.fre.srt", FRENCH)
    assert cinema.scan(season.folder).jobs == {}


# --- which rule, and what stands in the way -------------------------------------------------------


def test_the_first_rule_by_priority_then_by_age_counts(
    cinema: Cinema, videos: VideoFactory
) -> None:
    cinema.change(preferred_audio_languages="eng")
    everything = {"missing_external_subtitle_lang": "jpn"}
    cinema.set_rules(
        {"name": "low", "priority": 1, "target_language": "deu", **everything},
        {"name": "off", "priority": 99, "target_language": "ita", "is_enabled": False},
        {"name": "does not fit", "priority": 50, "audio_language_is": "ja"},
        {"name": "older", "priority": 7, "target_language": "eng", "job_priority": 3},
        {"name": "younger", "priority": 7, "target_language": "fra", **everything},
    )  # fmt: skip
    film = videos.video("Film.mkv", [cinema.voices.sound(SHORT, "eng")])
    assert [one["name"] for one in cinema.analyse(film)["rules"]] == [
        "does not fit", "older", "younger", "low",
    ]  # fmt: skip
    (job,) = cinema.scan(videos.folder).jobs[str(film)]
    assert (job["target_language"], job["priority"], job["is_manual"]) == ("eng", 3, False)
    assert list_files(videos.folder) == {"Film.mkv", "Film.eng.srt"}


ENGLISH_RULE = {"name": "English", "target_language": "eng"}


def test_a_file_that_somebody_put_there_meanwhile_stays(
    cinema: Cinema, videos: VideoFactory
) -> None:
    cinema.set_rules(ENGLISH_RULE)
    film = videos.video("Film.mkv", [cinema.voices.sound(SHORT, "eng")])
    with cinema.holding_speech():
        assert cinema.look(videos.folder).counts["created"] == 1
        theirs = videos.external(film, "eng")
        before = theirs.read_bytes()
    cinema.rest()
    (job,) = cinema.jobs_of(film)
    assert (job["state"], job["error_code"]) == ("failed", "subtitle_exists")
    assert "Subtitle exists, and it was not written by Mediant." in job["error"]
    assert theirs.read_bytes() == before
    assert list_files(videos.folder) == {"Film.mkv", "Film.eng.srt"}


def test_the_very_file_is_a_reason_where_no_setting_is(
    cinema: Cinema, videos: VideoFactory
) -> None:
    cinema.set_rules(ENGLISH_RULE)
    film = videos.video("Film.mkv", [cinema.voices.sound(SHORT, "eng")])
    theirs = videos.external(film, "eng")
    before = theirs.read_bytes()
    cinema.change(skip_if_target_subtitles_exist="false")
    try:
        scanned = cinema.scan(videos.folder)
    finally:
        cinema.change(skip_if_target_subtitles_exist="true")
    assert f"no job: {theirs} exists." in scanned.log
    assert scanned.jobs == {}
    assert theirs.read_bytes() == before


def test_a_film_that_vanishes(cinema: Cinema, videos: VideoFactory) -> None:
    cinema.set_rules(ENGLISH_RULE)
    film = videos.video("Film.mkv", [cinema.voices.sound(SHORT, "eng")])
    untold = videos.video("Untold.mkv", [cinema.voices.sound(SHORT)])
    with cinema.holding_speech():
        assert cinema.look(videos.folder).counts["created"] == 2
        film.unlink()
        untold.unlink()
    cinema.rest()
    for path in (film, untold):
        (job,) = cinema.jobs_of(path)
        assert (job["state"], job["error_code"]) == ("failed", "missing"), job
        assert str(path) in job["error"]
    assert list_files(videos.folder) == set()
    assert cinema.scan(videos.folder).jobs == {}


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """`closed(folder)`: its content in a folder that takes no files, not even from root."""
    place = tmp_path / "closed"
    place.mkdir()
    mounted = []

    def close(folder: Path) -> Path:
        if os.geteuid() != 0:
            folder.chmod(0o555)
            return folder
        done = [["mount", "--bind", str(folder), str(place)],
                ["mount", "-o", "remount,bind,ro", str(place)]]  # fmt: skip
        for command in done:
            if subprocess.run(command, check=False, capture_output=True).returncode:
                pytest.skip("mounting is not permitted here")
            mounted.append(command)
        return place

    yield close
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_that_takes_no_files(
    cinema: Cinema, videos: VideoFactory, closed: Callable[[Path], Path]
) -> None:
    cinema.set_rules(ENGLISH_RULE)
    videos.video("Film.mkv", [cinema.voices.sound(SHORT, "eng")])
    folder = closed(videos.folder)
    (job,) = cinema.scan(folder).jobs[str(folder / "Film.mkv")]
    assert (job["state"], job["error_code"]) == ("failed", "write_failed")
    assert "could not be written: this folder takes no files" in job["error"]
    assert job["model"] is None
    assert list_files(folder) == {"Film.mkv"}


# --- times ----------------------------------------------------------------------------------------


ONSETS = (1.0, 12.4, 24.75)
CLIPS = ("en/0880", "en/0870", "en/0920")
FIRST_WORDS = (("he", "was"), ("and", "mister"), ("had", "he"))


def _check_times(cinema: Cinema, film: Path, onsets: Sequence[float]) -> None:
    """A subtitle begins where each clip begins to be heard, and shows how it begins."""
    cinema.change(preferred_audio_languages="eng")
    cinema.set_rules(ENGLISH_RULE)
    (job,) = cinema.scan(film.parent).jobs[str(film)]
    assert job["state"] == "done", job
    cues = read_cues(Path(job["output_path"]).read_bytes(), "eng")
    errors = []
    for onset_s, words in zip(onsets, FIRST_WORDS, strict=True):
        nearest = min(cues, key=lambda cue: abs(cue.start_ms / 1000 - onset_s))
        errors.append(round(nearest.start_ms / 1000 - onset_s, 3))
        assert tuple(plain_words(nearest.sentence, "en")[:2]) == words
    print(f"{film.name}: subtitles begin off by {errors} s")
    assert max(map(abs, errors)) <= TOLERANCE_S


@pytest.mark.parametrize(
    ("suffix", "late_s"),
    [("mkv", 0.0), ("mkv", 5.0), ("mp4", 5.0), ("mov", 5.0), ("webm", 5.0), ("ts", 5.0),
     ("m2ts", 5.0), ("mkv", 63.3)],
)  # fmt: skip
def test_times_are_those_of_the_film(
    suffix: str, late_s: float, cinema: Cinema, videos: VideoFactory
) -> None:
    """Speech at known moments within silence, in audio that begins later than the pictures."""
    clips = [cinema.voices.clip(name) for name in CLIPS]
    stage = place(list(zip(ONSETS, clips, strict=True)), 35.0)
    film = videos.video(f"Film.{suffix}", [Sound("eng", stage, RATE, start_s=late_s)])
    _check_times(cinema, film, [late_s + onset for onset in ONSETS])


@pytest.mark.parametrize("gap_s", [1.0, 2.5])
def test_times_are_true_over_noise(gap_s: float, cinema: Cinema, videos: VideoFactory) -> None:
    """And with short pauses."""
    onsets, clips = [2.2], [cinema.voices.clip(name) for name in CLIPS]
    for clip in clips:
        onsets.append(onsets[-1] + len(trim(loudness(clip.read()))) / RATE + gap_s)
    noise = np.random.default_rng(4).normal(0.0, 0.003, round((onsets[-1] + 2.0) * RATE))
    stage = place(list(zip(onsets[:-1], clips, strict=True)), onsets[-1] + 2.0)
    sound = (stage + noise).astype(np.float32)
    film = videos.video("Film.mkv", [Sound("eng", sound, RATE, start_s=5.0)])
    _check_times(cinema, film, [5.0 + onset for onset in onsets[:-1]])


# --- one Spanish film, two languages --------------------------------------------------------------


def test_a_spanish_film_gets_both_languages(cinema: Cinema, videos: VideoFactory) -> None:
    cinema.change(preferred_audio_languages="eng")
    cinema.set_rules(
        {
            "name": "What is said", "priority": 2, "target_language": "spa",
            "audio_language_is": "spa", "missing_external_subtitle_lang": "spa",
        },
        {
            "name": "In English", "priority": 1, "target_language": "eng",
            "action_type": "translate", "audio_language_is": "spa",
            "missing_external_subtitle_lang": "eng",
        },
    )  # fmt: skip
    film = videos.video("Película.mkv", [cinema.voices.sound(SPANISH, "spa")])
    for number, language in enumerate(("spa", "eng")):
        (job,) = cinema.scan(videos.folder).jobs[str(film)]
        assert (job["state"], job["target_language"]) == ("done", language), job
        assert job["source_language"] == "spa"
        assert len(list_files(videos.folder)) == 2 + number
    spanish = read_text(videos.folder / "Película.spa.srt")
    english = read_text(videos.folder / "Película.eng.srt")
    assert cinema.says(videos.folder / "Película.spa.srt", SPANISH), spanish
    assert _count(spanish, "es", CASTILIAN) > 4 * _count(spanish, "en", ENGLISH), spanish
    assert _count(english, "en", ENGLISH) > 4 * _count(english, "es", CASTILIAN), english
    assert cinema.scan(videos.folder).jobs == {}


def test_a_film_with_the_wanted_language_is_not_translated(
    cinema: Cinema, videos: VideoFactory
) -> None:
    """English is heard by default, but not for subtitles in the language of another track."""
    cinema.change(preferred_audio_languages="eng")
    cinema.set_rules({"name": "Spanish", "target_language": "spa"})
    sounds = [cinema.voices.sound(SHORT, "eng"), cinema.voices.sound(SPANISH, "spa")]
    film = videos.video("Film.mkv", sounds)
    (job,) = cinema.scan(videos.folder).jobs[str(film)]
    assert (job["state"], job["source_language"], job["target_language"]) == ("done", "spa", "spa")
    assert cinema.says(videos.folder / "Film.spa.srt", SPANISH)


def _count(text: str, language: str, stop_words: frozenset[str]) -> int:
    return sum(word in stop_words for word in plain_words(text, language))
