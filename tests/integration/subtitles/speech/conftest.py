"""Videos, models and human speech for the tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediant.jobs.sandbox import Sandbox
from mediant.models.models import Models
from mediant.subtitles.speech.audio import make_sandbox
from mediant.subtitles.speech.engine import EngineChoice
from mediant.subtitles.speech.whisper import WhisperEngine
from mediant.testing.videos import VideoFactory

ROOT = Path(__file__).resolve().parents[4]
PULLED = ROOT / ".cache" / "models"


@pytest.fixture
def videos(tmp_path: Path) -> VideoFactory:
    """Files of any kind, in a folder of their own."""
    return VideoFactory(tmp_path / "videos")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The decoder's process."""
    with make_sandbox() as made:
        yield made


@pytest.fixture(scope="session")
def speech() -> Path:
    """The folder of human speech."""
    folder = ROOT / "corpora" / "speech"
    if not (folder / ".complete").is_file():
        if os.environ.get("CI"):
            pytest.fail("corpora/speech is not there: run make corpora")
        pytest.skip("corpora/speech is not there: run make corpora")
    return folder


def _find(name: str) -> Path:
    info = {one.name: one for one in Models(PULLED).list_models()}[name]
    if info.path is None:
        pytest.skip(f"{name} is not there: run mediant --config-dir .cache models pull --speech")
    return Path(info.path)


def _open(name: str) -> WhisperEngine:
    return WhisperEngine(EngineChoice(name, str(_find(name)), threads=2))


@pytest.fixture(scope="session")
def base_folder() -> Path:
    """The files of the model for all languages."""
    return _find("whisper-base")


@pytest.fixture(scope="session")
def base() -> Iterator[WhisperEngine]:
    """The model for all languages."""
    engine = _open("whisper-base")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def tiny() -> Iterator[WhisperEngine]:
    """The quick model for English."""
    engine = _open("whisper-tiny.en")
    yield engine
    engine.close()
