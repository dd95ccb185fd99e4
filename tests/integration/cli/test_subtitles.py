"""`mediant transcribe`, `mediant detect` and `mediant subtitles`, without a server."""

from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.videos import Sound, VideoFactory

ROOT = Path(__file__).parents[3]
MODELS = ROOT / ".cache" / "models"
SPEECH = ROOT / "corpora" / "speech"
CLIP = SPEECH / "en" / "sense_and_sensibility_01_austen_64kb-0870.wav"

has_speech = pytest.mark.skipif(
    not (CLIP.exists() and (MODELS / "asr" / "whisper-base").exists()),
    reason="needs `make corpora` and the speech models",
)


@pytest.fixture
def films(tmp_path: Path) -> VideoFactory:
    return VideoFactory(tmp_path / "films")


@pytest.fixture
def hearing(tmp_path: Path) -> Shell:
    """Commands that find the real speech models."""
    environ = {"MEDIANT_MODELS_DIR": str(MODELS), "MEDIANT_JOBS__CPU_WORKERS": "0"}
    return Shell(tmp_path / "config", environ)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.models
@has_speech
def test_a_film_gets_its_subtitle(hearing, films, tmp_path):
    film = films.video("Film.mkv", [Sound("eng", CLIP)])
    planned = hearing.well("transcribe", film, "--dry-run", "--json").json()
    subtitle = film.with_name("Film.eng.srt")
    assert planned[0]["result"]["output_path"] == str(subtitle)
    assert not subtitle.exists()
    told = hearing.well("transcribe", films.folder)
    assert "Film.mkv" in told.out
    assert "done" in told.out
    assert "Dashwood" in subtitle.read_text()
    (tmp_path / "out").mkdir()
    hearing.well("transcribe", film, "--format", "vtt", "--output", tmp_path / "out")
    assert (tmp_path / "out" / "Film.eng.vtt").read_text().startswith("WEBVTT")
    subtitle.write_text("mine")
    refused = hearing("transcribe", film)
    assert refused.code == 1
    assert "Subtitle exists" in refused.err
    assert subtitle.read_text() == "mine"


@pytest.mark.corpus
@pytest.mark.models
@has_speech
def test_the_language_is_told(hearing):
    found = hearing.well("detect", SPEECH / "es" / "demo-nogo.wav", "--json").json()
    assert found[0]["result"]["source_lang"] == "spa"
    assert "Spanish" in hearing.well("detect", SPEECH / "es" / "demo-nogo.wav").out


@pytest.mark.corpus
@pytest.mark.models
@has_speech
@pytest.mark.slow
def test_what_cannot_be_kept_is_told(films, tmp_path):
    """Without any program beside Mediant that translates texts, such as Apertium."""
    environ = {"MEDIANT_MODELS_DIR": str(MODELS), "MEDIANT_JOBS__CPU_WORKERS": "0"}
    hearing = Shell(tmp_path / "config", {**environ, "PATH": str(tmp_path)})
    film = films.video("Film.mkv", [Sound("spa", SPEECH / "es" / "demo-nogo.wav")])
    wish = ("transcribe", film, "--translate", "--keep-source", "--preset", "fast")
    planned = hearing.well(*wish, "--dry-run")
    told = hearing.well(*wish)
    for one in (planned, told):
        assert "Film.mkv: Only the translation is written" in one.err
        assert "Only the translation" not in one.out
    assert {path.name for path in films.folder.iterdir()} == {"Film.mkv", "Film.eng.srt"}
    note = hearing.well(*wish, "--json").json()[0]["result"]["note"]
    assert note in told.err


def test_without_a_model_it_says_what_to_do(shell, films):
    film = films.video("Film.mkv", [Sound("eng")])
    failed = shell("transcribe", film)
    assert failed.code == 1
    assert "mediant models pull" in failed.err
    assert [path.name for path in films.folder.iterdir()] == [film.name]


def test_what_makes_no_sense_is_told(shell, films, tmp_path):
    film = films.video("Film.mkv", [Sound("eng")])
    assert shell("transcribe", tmp_path / "nothing.mkv").code == 3
    (tmp_path / "empty").mkdir()
    assert shell("transcribe", tmp_path / "empty").code == 3
    assert shell("transcribe", film, "--target", "nonsense").code == 2
    nowhere = shell("transcribe", film, "--output", tmp_path / "no" / "where")
    assert nowhere.code == 1
    assert f"{tmp_path / 'no' / 'where'}: There is no such folder" in nowhere.err
    assert "mkdir -p" in nowhere.err
    rule = shell("subtitles", "rules", "add", "Bad", "--target", "nonsense")
    assert rule.complaint().startswith("mediant: target_language: 'nonsense' is no language.")
    assert shell("transcribe", film, "--format", "doc").code == 2


@pytest.mark.slow
def test_rules_are_made_listed_and_removed(shell, films):
    made = shell.well("subtitles", "rules", "add", "Anime", "--target", "spa", "--audio", "ja",
                      "--missing", "es", "--priority", "5")  # fmt: skip
    assert "Rule 1" in made.err
    (rule,) = shell.well("subtitles", "rules", "--json").json()
    assert rule["action"]["target_language"] == "spa"
    assert rule["conditions"]["audio_language_is"] == "jpn"
    assert "Anime" in shell.well("subtitles", "rules").out
    again = shell("subtitles", "rules", "add", "Anime", "--target", "spa")
    assert again.code == 4
    film = films.video("Film.mkv", [Sound("jpn")])
    seen = shell.well("subtitles", "analyze", film, "--json").json()
    assert (seen["rule"], seen["job"]) == ("Anime", "transcribe")
    assert seen["audio_tracks"][0]["language"] == "jpn"
    assert "queue a job" in shell.well("subtitles", "analyze", film).out
    finished = shell.well("subtitles", "scan", films.folder, "--json")
    scanned = finished.json()
    assert (scanned["scanned"], scanned["matched"], scanned["created"]) == (1, 1, 1)
    assert "mediant serve" in finished.err
    untold = films.video("Untold.mkv", [Sound()])
    assert "to be heard" in shell.well("subtitles", "analyze", untold).out
    shell.well("subtitles", "rules", "remove", 1)
    assert shell.well("subtitles", "rules", "--json").json() == []
    assert "no rule fits" in shell.well("subtitles", "analyze", film).out
