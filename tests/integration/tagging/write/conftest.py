"""Short real files in every container; taking a write back; another program that writes tags."""

import shutil
from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest
from mutagen.id3 import ID3, TIT2
from mutagen.mp4 import MP4
from tests.integration.tagging.write.music import WRITABLE

from mediant.tagging.write import undo_write
from mediant.testing.media import MediaFactory


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One encoded song a container, with a title and an artist."""
    factory = MediaFactory(tmp_path_factory.mktemp("originals"))
    return {
        suffix: factory.song(f"song.{suffix}", 3.0, title="Tïtle", artist="Ärtist")
        for suffix in WRITABLE
    }


@pytest.fixture
def song(originals: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """`song("mp3")`: a fresh copy of the song in that container."""

    def copy(suffix: str) -> Path:
        return Path(shutil.copy2(originals[suffix], tmp_path / f"song.{suffix}"))

    return copy


@pytest.fixture
def undo():
    """`undo(path, prepared)`: take that write back, with its record as it would be stored."""

    def take_back(path, done, *, keep_mtime=True):
        return undo_write(
            path,
            undo=done.undo,
            before_hash=done.before_hash,
            after_hash=done.after_hash,
            own_before=done.own_before,
            namespace="nom",
            keep_mtime=keep_mtime,
        )

    return take_back


@pytest.fixture
def retitle():
    """`retitle(path, title)`: another program changes the title."""

    def change(path, title):
        file = mutagen.File(path)
        if isinstance(file.tags, ID3):
            file.tags.setall("TIT2", [TIT2(encoding=3, text=[title])])
        elif isinstance(file, MP4):
            file.tags["©nam"] = [title]  # codespell:ignore nam
        else:
            file.tags["title"] = title
        file.save()

    return change
