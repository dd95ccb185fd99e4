"""The whole pipeline on real files: exactness, channels, kinds of heads, every way to fail."""

from pathlib import Path

import numpy as np
import pytest

from mediant.errors import MEDIA_CODES, MediaError, ModelError
from mediant.models.registry import Backbone
from mediant.settings.model import TaggingSettings
from mediant.tagging import melspec
from mediant.tagging.decode import DecodeLimits, decode
from mediant.tagging.embed import embed
from mediant.tagging.pipeline import STAGES, Quiet, analyse
from mediant.tagging.tools import Tools, open_tools
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head
from mediant.testing.signals import synth12

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
NAMES = {"msd-musicnn": "MSD_musicnn", "mtt-musicnn": "MTT_musicnn"}


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "musicnn_essentia.npz", allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def synth(media: MediaFactory, name: str, channels: int = 1, bits: int | None = None) -> Path:
    with np.load(GOLDEN / "signal.npz", allow_pickle=False) as stored:
        samples = stored["samples"]
    if channels == 2:
        samples = np.stack([samples, samples], axis=1)
    return media.write(name, samples, 16000, bits=bits)


def pick(tools: Tools, name: str) -> Backbone:
    return next(backbone for backbone in tools.suite.backbones if backbone.name == name)


@pytest.mark.models
@pytest.mark.parametrize("name", NAMES)
def test_patch_scores_equal_essentias(tools, media, golden, name):
    recording = decode(synth(media, "synth.wav", bits=0), tools.sandbox, DecodeLimits())
    backbone = pick(tools, name)
    found = embed(melspec.musicnn(recording.samples), backbone, tools.networks.get(backbone))
    stored = {key: golden[f"{NAMES[name]}.hop187.{key}"] for key in ("activations", "embeddings")}
    assert found.activations is not None
    error = np.abs(found.activations - stored["activations"]).max()
    print(f"{name}: largest error of an activation {error:.2e}")
    assert error < 2e-6
    assert np.abs(found.embeddings - stored["embeddings"]).max() < 1e-4


@pytest.mark.models
@pytest.mark.parametrize("name", NAMES)
def test_track_means_equal_essentias(tools, media, golden, name):
    track = analyse(synth(media, "synth.wav", bits=0), tools)
    score = next(score for score in track.scores if score.model == name and score.kind == "tags")
    means = golden[f"{NAMES[name]}.hop187.mean_activations"]
    assert np.abs(score.pooled.row("mean") - means).max() < 5e-6
    embedding = next(found for found in track.embeddings if found.model == name)
    means = golden[f"{NAMES[name]}.hop187.mean_embeddings"]
    assert np.abs(embedding.vector - means).max() < 1e-4  # 4 patches: nothing is trimmed


@pytest.mark.models
def test_sixteen_bits_change_little(tools, media):
    fine = analyse(synth(media, "fine.wav", bits=0), tools)
    coarse = analyse(synth(media, "coarse.flac", bits=16), tools)
    for a, b in zip(fine.scores, coarse.scores, strict=True):
        if a.kind == "tags":
            assert np.abs(a.pooled.row("mean") - b.pooled.row("mean")).max() < 2e-4


@pytest.mark.models
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_stereo_copy_scores_like_the_mono_file(tools, media, suffix):
    mono = analyse(synth(media, f"mono.{suffix}"), tools)
    stereo = analyse(synth(media, f"stereo.{suffix}", channels=2), tools)
    assert stereo.recording is not None
    assert stereo.recording.channels == 2
    for a, b in zip(mono.scores, stereo.scores, strict=True):
        np.testing.assert_allclose(a.pooled.stats, b.pooled.stats, atol=1e-6)
    assert mono.tags == stereo.tags


@pytest.mark.models
def test_every_stage_is_passed_and_memory_is_given_back(tools, media):
    track = analyse(media.song("song.flac", 20), tools)
    assert track.passed == tuple(stage.name for stage in STAGES)
    assert track.mels == {}
    assert track.patches == {}
    assert track.recording is not None
    assert track.recording.samples.size == 0
    assert track.recording.duration_s == pytest.approx(20, abs=0.1)
    keys = {"mood_happy", "mood_sad", "mood_party", "danceability", "voice", "instrumental"}
    assert keys | {"bpm", "key", "energy", "nom_version"} <= set(track.tags)
    assert "tonal" not in track.tags  # no tag tells it
    assert track.tags["nom_version"] == (tools.suite.version,)


@pytest.mark.models
def test_the_fast_preset_looks_at_every_second_patch(tools, media):
    path = media.song("song.wav", 20)
    settings = TaggingSettings(preset="fast")
    fast = analyse(path, Tools(tools.networks, tools.sandbox, settings))
    full = analyse(path, tools)
    assert [s.pooled.patches for s in full.scores[:1]] == [6]
    assert [s.pooled.patches for s in fast.scores[:1]] == [3]


@pytest.mark.models
def test_short_audio_is_repeated_and_flagged_when_allowed(tools, media):
    settings = TaggingSettings(allow_short=True)
    track = analyse(media.song("jingle.wav", 2), Tools(tools.networks, tools.sandbox, settings))
    assert "short" in track.flags
    assert all(score.pooled.patches == 1 for score in track.scores)


def test_heads_of_every_kind(small_models, media):
    with open_tools(small_models) as small:
        track = analyse(media.song("song.ogg", 20), small)
    by_name = {score.name: score for score in track.scores}
    assert by_name["mood_sad"].value("sad") < 0.2
    assert by_name["mood_happy"].value("happy") > 0.8
    # The class that the head is about stands at either place: its name decides.
    assert float(track.tags["mood_sad"][0]) == pytest.approx(
        by_name["mood_sad"].value("sad"), abs=1e-4
    )
    assert float(track.tags["mood_party"][0]) > 0.8
    assert {"happy", "party"} <= set(track.tags["mood-loose"])
    assert "sad" not in track.tags["mood-loose"]
    assert track.tags["genre_rosamerica"][0] == "dan"
    assert 0 <= float(track.tags["approachability"][0]) <= 1
    assert {embedding.model for embedding in track.embeddings} == {"msd-musicnn", "discogs-effnet"}
    assert not track.failures


def test_a_head_that_fails_makes_the_result_partial_and_says_so(tmp_path, media):
    write_backbone(tmp_path, "msd-musicnn")
    broken = write_head(tmp_path, "mood_sad", ["non_sad", "sad"])
    with open_tools(tmp_path) as small:
        assert len(small.suite.heads) == 1
        broken.write_bytes(b"not a graph")
        track = analyse(media.song("song.wav", 10), small)
    (failure,) = track.failures
    assert (failure.model, failure.name) == ("msd-musicnn", "mood_sad")
    assert failure.text
    assert [score.name for score in track.scores] == ["tags"]


def test_without_any_model_the_remedy_is_told(tmp_path, media):
    with open_tools(tmp_path / "models") as bare, pytest.raises(ModelError) as caught:
        analyse(media.song("song.wav", 10), bare)
    assert "mediant models pull" in str(caught.value)


FAILURES = {
    "empty": lambda media: media.empty("empty.mp3"),
    "no_audio": lambda media: media.picture("cover.m4a"),
    "silent": lambda media: media.silence("silence.flac"),
    "too_short": lambda media: media.song("jingle.wav", 3),
    "too_long": lambda media: media.song("long.wav", 15),
    "protected": lambda media: media.protected_m4p(),
    "corrupt": lambda media: media.noise("noise.mp3"),
    "missing": lambda media: Path("/nowhere/song.mp3"),
}


@pytest.mark.parametrize("code", FAILURES)
def test_an_unusable_file_says_why(small_models, media, code):
    settings = TaggingSettings(max_duration_s=12)
    with open_tools(small_models, settings) as small, pytest.raises(MediaError) as caught:
        analyse(FAILURES[code](media), small)
    assert caught.value.code == code
    assert code in MEDIA_CODES
    assert caught.value.asset
    assert caught.value.text


def test_progress_grows_and_a_stop_is_heard(small_models, media):
    class Stopping(Quiet):
        def __init__(self) -> None:
            self.fractions: list[float] = []
            self.stages: list[str] = []

        def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
            self.fractions.append(fraction)
            self.stages.append(stage)

        def stop_if_cancelled(self) -> None:
            if "heads" in self.stages:
                raise KeyboardInterrupt

    watch = Stopping()
    path = media.song("song.wav", 20)
    with open_tools(small_models) as small, pytest.raises(KeyboardInterrupt):
        analyse(path, small, watch)
    assert watch.fractions == sorted(watch.fractions)
    assert list(dict.fromkeys(watch.stages)) == ["decode", "tonal", "melspec", "embed", "heads"]


def test_the_golden_signal_is_the_formula():
    with np.load(GOLDEN / "signal.npz", allow_pickle=False) as stored:
        np.testing.assert_allclose(stored["samples"], synth12(), atol=1e-6)
