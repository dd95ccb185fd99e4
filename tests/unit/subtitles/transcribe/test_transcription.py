"""One transcription from file to file, with a recogniser of the test's own behind the port."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.subtitles.transcribe.hearing import FakeHearing, Seen, names, order, run

from mediant.errors import Cancelled, Forbidden, Invalid, MediaError, ModelError, WriteError
from mediant.kernel.languages import canonical_code
from mediant.subtitles.formats import read_cues
from mediant.subtitles.speech.engine import Finding
from mediant.subtitles.transcribe.file import SubtitleExists
from mediant.subtitles.transcribe.work import NO_SPEECH
from mediant.subtitles.words import Word


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Film (2020).mkv"
    path.write_bytes(b"a film")
    return path


def test_what_is_said_becomes_a_file_beside_the_film(film):
    watch = Seen()
    result = run(order(film), watch=watch)
    path = film.with_name("Film (2020).eng.srt")
    (cue,) = read_cues(path.read_bytes())
    assert cue.text == "Good morning, world."
    assert abs(cue.start_ms - 1000) <= 125
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert result["files"] == [{"path": str(path), "sha256": digest, "language": "eng"}]
    assert result["heard"] is None
    summary = result["summary"]
    assert (summary["output_path"], summary["segments_count"]) == (str(path), 1)
    assert (summary["model"], summary["device"], summary["source_lang"]) == (
        "test-model", "cpu", "eng",
    )  # fmt: skip
    assert watch.parts == [
        {"intends": str(path), "sha256": digest, "replaces": None, "language": "eng"}
    ]
    assert watch.stages == [
        "pending", "loading_model", "extracting_audio", "transcribing", "generating_subtitles",
        "finalizing",
    ]  # fmt: skip
    assert watch.fractions == sorted(watch.fractions)


def test_an_unknown_language_is_heard_first(film):
    hearing, watch = FakeHearing("und", pairs=[("spa", "eng")]), Seen()
    result = run(order(film), hearing, watch)
    assert (result["heard"]["language"], result["heard"]["confidence"]) == ("spa", 0.9)
    assert hearing.tasks == [("transcribe", None), ("transcribe", "es")]
    assert "detecting_language" in watch.stages
    assert film.with_name("Film (2020).eng.srt").read_text().count("GOOD MORNING, WORLD.") == 1


def test_what_was_heard_before_is_not_heard_again(film):
    stat = film.stat()
    spoken = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "language": "spa",
              "confidence": 0.9}  # fmt: skip
    hearing = FakeHearing("und", pairs=[("spa", "eng")])
    assert run(order(film, spoken=spoken), hearing)["heard"] is None
    assert hearing.wishes[0].language == "es"
    changed = FakeHearing("und", pairs=[("spa", "eng")])
    assert run(
        order(film, spoken=spoken | {"size": 1}, overwrites=True), changed
    )["heard"]["language"] == "spa"  # fmt: skip


def test_the_spoken_language_is_the_target_where_none_is_wished(film):
    result = run(order(film, "und"), FakeHearing("spa"))
    assert result["summary"]["output_path"].endswith("Film (2020).spa.srt")
    assert result["summary"]["target_lang"] == "spa"


def test_another_target_goes_by_translation_and_may_keep_what_was_said(film):
    hearing, watch = FakeHearing("spa", pairs=[("spa", "fra")]), Seen()
    result = run(order(film, "fra", keeps_source=True), hearing, watch)
    assert "translating" in watch.stages
    assert names(film.parent) == ["Film (2020).fre.srt", "Film (2020).mkv", "Film (2020).spa.srt"]
    assert result["summary"]["output_path"].endswith(".fre.srt")
    assert result["summary"]["source_path"].endswith(".spa.srt")
    assert "GOOD" in film.with_name("Film (2020).fre.srt").read_text()
    assert "Good" in film.with_name("Film (2020).spa.srt").read_text()


def test_whisper_translates_to_english_itself(film):
    hearing = FakeHearing("spa", whisper_can=True)
    run(order(film, "eng"), hearing)
    assert hearing.tasks == [("translate", "es")]
    assert hearing.wishes[0].task == "translate"


def test_a_wish_for_what_was_said_is_not_passed_over_in_silence(film):
    """Whisper that translates while it listens has no text in the spoken language."""
    hearing, watch = FakeHearing("spa", whisper_can=True), Seen()
    planned = run(order(film, "eng", keeps_source=True, is_trial=True), hearing)
    result = run(order(film, "eng", keeps_source=True), hearing, watch)
    note = result["summary"]["note"]
    assert planned["summary"]["note"] == note
    assert ("warning", note) in watch.lines
    assert all(text in note for text in ("Spanish", "English", "Whisper", "--target spa"))
    assert names(film.parent) == ["Film (2020).eng.srt", "Film (2020).mkv"]
    # By a way through English: what was heard is English already.
    through = FakeHearing("spa", whisper_can=True, pairs=[("eng", "fra")])
    assert "note" in run(order(film, "fra", keeps_source=True), through)["summary"]


def test_nothing_is_said_where_the_wish_is_fulfilled_or_was_not_made(film):
    assert "note" not in run(order(film, "eng"), FakeHearing("spa", whisper_can=True))["summary"]
    both = FakeHearing("spa", pairs=[("spa", "fra")])
    assert "note" not in run(order(film, "fra", keeps_source=True), both)["summary"]
    same = run(order(film, "spa", keeps_source=True, overwrites=True), FakeHearing("spa"))
    assert "note" not in same["summary"]


SAID_IN_SPANISH = "lo siento pero no fue posible crear la conexión al servidor"
SPANISH = [Word(f" {word}", at, at + 0.4) for at, word in enumerate(SAID_IN_SPANISH.split())]


def test_a_translation_that_is_none_is_never_named_english(film):
    hearing = FakeHearing("spa", said=SPANISH, whisper_can=True)
    with pytest.raises(ModelError, match="translates from Spanish to English"):
        run(order(film, "eng"), hearing)
    assert names(film.parent) == [film.name]
    able = FakeHearing("spa", said=SPANISH, whisper_can=True, pairs=[("spa", "eng")])
    watch = Seen()
    run(order(film, "eng"), able, watch)
    assert able.tasks == [("translate", "es"), ("transcribe", "es")]
    assert "LO SIENTO" in film.with_name("Film (2020).eng.srt").read_text()
    assert "instead of English" in watch.lines[0][1]


def test_without_a_way_nothing_is_listened_to_and_nothing_written(film):
    hearing = FakeHearing("jpn")
    with pytest.raises(ModelError, match="translates from Japanese to Spanish"):
        run(order(film, "spa"), hearing)
    assert hearing.tasks == []
    assert names(film.parent) == [film.name]


def test_a_film_without_speech_gives_no_file_but_is_done(film):
    result = run(order(film), FakeHearing(said=[]))
    assert result["files"] == []
    assert result["summary"]["note"] == NO_SPEECH
    assert result["heard"]["language"] == "und"
    assert names(film.parent) == [film.name]


def test_a_file_that_is_not_ours_ends_it_before_anything_is_heard(film):
    theirs = film.with_name("Film (2020).eng.srt")
    theirs.write_text("theirs")
    hearing = FakeHearing()
    with pytest.raises(SubtitleExists, match="Subtitle exists"):
        run(order(film), hearing)
    assert hearing.tasks == []
    digest = hashlib.sha256(b"theirs").hexdigest()
    run(order(film, ours={str(theirs): [digest]}))
    assert "Good morning" in theirs.read_text()


@pytest.mark.parametrize(
    "stage",
    ["pending", "loading_model", "extracting_audio", "transcribing", "generating_subtitles",
     "finalizing"],
)  # fmt: skip
def test_a_cancel_leaves_nothing_at_any_stage(film, stage):
    watch = Seen(stop_at=stage)
    with pytest.raises(Cancelled):
        run(order(film), watch=watch)
    assert names(film.parent) == [film.name]
    assert watch.parts == []


def test_a_dry_run_says_what_would_be_done(film):
    hearing = FakeHearing("spa", pairs=[("spa", "eng")])
    result = run(order(film, is_trial=True), hearing)
    assert result["summary"] == {
        "is_trial": True, "source_lang": "spa", "track": 0, "audio_s": 10.0, "target_lang": "eng",
        "output_path": str(film.with_name("Film (2020).eng.srt")), "exists": False,
        "task": "transcribe", "steps": ["spa-eng"],
        "way": [
            {"engine": "speech", "model": None, "source": "spa", "target": "spa"},
            {"engine": "ctranslate2", "model": "spa-eng", "source": "spa", "target": "eng"},
        ],
    }  # fmt: skip
    assert (hearing.tasks, names(film.parent)) == ([], [film.name])


def test_the_track_can_be_chosen(film):
    hearing = FakeHearing()
    run(order(film, "und", track=1), hearing)
    assert hearing.stream_index == 2
    assert film.with_name("Film (2020).jpn.srt").exists()
    with pytest.raises(Invalid, match="2 audio tracks"):
        run(order(film, track=2))


def test_a_song_gets_lyrics_by_its_own_name(film):
    run(order(film), FakeHearing(is_video=False))
    lyrics = film.with_name("Film (2020).lrc").read_text()
    assert lyrics == "[00:01.00]Good morning, world.\n"
    wanted = order(film, settings={"lrc_for_audio_files": False})
    assert run(wanted, FakeHearing(is_video=False))["summary"]["output_path"].endswith(".eng.srt")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"subtitle_language_naming_type": "ISO_639_1"}, "Film (2020).fr.srt"),
        ({"subtitle_language_naming_type": "ISO_639_2_T"}, "Film (2020).fra.srt"),
        ({"subtitle_language_naming_type": "NAME"}, "Film (2020).French.srt"),
        ({"subtitle_language_name": "mine"}, "Film (2020).mine.srt"),
    ],
)
def test_the_name_is_as_the_settings_want_it(film, settings, name):
    result = run(order(film, "fra", settings), FakeHearing("fra"))
    assert Path(result["summary"]["output_path"]).name == name


def test_words_are_marked_where_that_is_wished(film):
    run(order(film, settings={"word_level_highlight": True}))
    cues = read_cues(film.with_name("Film (2020).eng.srt").read_bytes())
    assert [cue.text for cue in cues] == [
        "<u>Good</u> morning, world.", "Good <u>morning,</u> world.", "Good morning, <u>world.</u>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "marks"),
    [
        ("vtt", "<c>Good</c> <00:01.400><c>morning,</c> <00:01.900><c>world.</c>"),
        ("txt", "Good morning, world."),
        ("lrc", "Good morning, world."),
    ],
)
def test_each_form_marks_words_as_it_can(film, form, marks):
    watch = Seen()
    wanted = order(film, settings={"word_level_highlight": True}, form=form)
    result = run(wanted, watch=watch)
    assert marks in Path(result["summary"]["output_path"]).read_text()
    told = [text for _, text in watch.lines if "word_level_highlight" in text]
    assert len(told) == (form != "vtt")


def test_another_form_and_folder(film, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    run(order(film, form="vtt", folder=folder))
    assert names(folder) == ["Film (2020).eng.vtt"]
    assert (folder / "Film (2020).eng.vtt").read_text().startswith("WEBVTT")


def test_the_library_is_a_border(film, tmp_path):
    inside = {"library_paths": [str(tmp_path / "library")]}
    with pytest.raises(Forbidden):
        run(order(film, settings=inside))
    (tmp_path / "library").mkdir()
    link = tmp_path / "library" / "link.mkv"
    link.symlink_to(film)
    with pytest.raises(Forbidden):
        run(order(link, settings=inside))
    here = {"library_paths": [str(film.parent)]}
    with pytest.raises(Forbidden):
        run(order(film, settings=here, folder=Path("/tmp")))
    run(order(film, settings=here))


def test_a_file_that_is_gone_is_said(film):
    film.unlink()
    with pytest.raises(MediaError) as gone:
        run(order(film))
    assert (gone.value.code, str(gone.value)) == ("missing", f"File not found: {film}")


def test_forced_languages_stand_for_unknown_ones(film):
    hearing = FakeHearing("und")
    run(order(film, "und", {"force_detected_language_to": "ja"}), hearing)
    assert hearing.wishes[0].language == "ja"
    assert canonical_code("ja") == "jpn"


def test_a_guess_that_is_not_sure_is_still_taken(film):
    hearing = FakeHearing("und")
    hearing.finding = replace(hearing.finding, language=None, confidence=0.3)
    assert run(order(film, "und"), hearing)["summary"]["language_confidence"] == 0.3
    nobody = FakeHearing("und")
    nobody.finding = Finding(None, 0.0)
    assert run(order(film, "und"), nobody)["summary"]["note"] == NO_SPEECH


def test_a_folder_that_is_not_there_is_told_before_anybody_listens(film):
    hearing = FakeHearing()
    with pytest.raises(WriteError, match="no such folder") as refused:
        run(order(film, folder=film.parent / "no where" / "at all"), hearing)
    assert refused.value.remedy == f"Make it first: mkdir -p '{film.parent}/no where/at all'"
    with pytest.raises(WriteError, match="no such folder"):
        run(order(film, folder=film), hearing)
    assert hearing.tasks == []
    assert names(film.parent) == [film.name]


def test_a_folder_is_made_in_one_that_is_there_once_there_is_something_to_write(film):
    folder = film.parent / "subtitles"
    run(order(film, folder=folder, is_trial=True))
    run(order(film, folder=folder), FakeHearing(said=[]))
    assert not folder.exists()
    run(order(film, folder=folder))
    assert names(folder) == ["Film (2020).eng.srt"]


def test_who_did_what_is_told(film):
    watch = Seen()
    hearing = FakeHearing("spa", pairs=[("spa", "eng")])
    result = run(order(film, "eng", keeps_source=True), hearing, watch)
    assert [(part["engine"], part["model"]) for part in result["summary"]["way"]] == [
        ("speech", "test-model"), ("ctranslate2", "spa-eng"),
    ]  # fmt: skip
    told = "test-model wrote down Spanish; CTranslate2 spa-eng translated Spanish to English."
    assert watch.lines == [("info", told)]
    whisper, watch = FakeHearing("jpn", whisper_can=True), Seen()
    run(order(film, "eng", ours=_ours(result)), whisper, watch)
    told = "test-model translated Japanese to English while it listened."
    assert watch.lines[-1] == ("info", told)


def _ours(result):
    return {one["path"]: [one["sha256"]] for one in result["files"]}
