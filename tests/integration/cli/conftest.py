"""A configuration folder, small networks, and a server that some tests share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head
from mediant.testing.server import RunningServer, running_server


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of every process here: networks with invented weights, one worker."""
    folder = tmp_path_factory.mktemp("models")
    write_backbone(folder, "msd-musicnn")
    write_head(folder, "mood_happy", ["happy", "non_happy"], bias=[4.0, -4.0])
    write_head(folder, "mood_party", ["non_party", "party"], bias=[-4.0, 4.0])
    return {"MEDIANT_MODELS_DIR": str(folder), "MEDIANT_JOBS__CPU_WORKERS": "1"}


@pytest.fixture
def shell(tmp_path: Path, environ: dict[str, str]) -> Shell:
    """Commands on an empty configuration folder, without a server."""
    return Shell(tmp_path / "config", environ)


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    return MediaFactory(tmp_path / "music")


@dataclass(frozen=True)
class Served:
    """A running server, commands that find it, and its library's music."""

    server: RunningServer
    shell: Shell
    media: MediaFactory


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Iterator[Served]:
    """A server with the library `music`, for all tests of a module."""
    folder = tmp_path_factory.mktemp("served")
    media = MediaFactory(folder / "music")
    media.song("one.mp3", seconds=10, title="One")
    with running_server(folder / "config", environ) as server:
        shell = Shell(server.config_dir, environ)
        shell.well("libraries", "add", folder / "music")
        yield Served(server, shell, media)
