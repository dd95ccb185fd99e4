"""Real servers in processes of their own, shared by the tests of one run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from mediant.testing.media import MediaFactory
from mediant.testing.server import RunningServer, running_server

MODELS = Path(__file__).parents[2] / ".cache" / "models"
HAS_MODELS = MODELS.is_dir() and any(MODELS.iterdir())


@dataclass(frozen=True, slots=True)
class House:
    """A server with one library: `music` holds songs, `outside` lies beside it."""

    server: RunningServer
    music: Path
    outside: Path
    library_id: int

    def client(self, key: str | None = None) -> httpx2.Client:
        """A client with the admin's key, or another one."""
        return self.server.client(self.server.key if key is None else key)

    def stranger(self) -> httpx2.Client:
        """A client without any credential."""
        return self.server.client(None)


def _furnish(folder: Path, server: RunningServer) -> House:
    music, outside = folder / "music", folder / "outside"
    songs = MediaFactory(music)
    songs.song("Artist/Album/01 one.mp3", seconds=12)
    songs.song("Artist/Album/02 two.ogg", seconds=12)
    songs.song("Artist/Single/03 'three'.flac", seconds=12)
    songs.text("Artist/Album/notes.txt")
    (music / "Empty").mkdir()
    MediaFactory(outside).tone("outside.mp3")
    with server.client() as client:
        body = {"name": "Music", "root_path": str(music)}
        entry = client.post("/api/v2/libraries", json=body).raise_for_status().json()
    return House(server, music, outside, entry["id"])


def _environ(**more: str) -> dict[str, str]:
    return {**({"MEDIANT_MODELS_DIR": str(MODELS)} if HAS_MODELS else {}), **more}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server in its default settings: blocking mode is on."""
    folder = tmp_path_factory.mktemp("house")
    with running_server(folder / "config", _environ()) as server:
        yield _furnish(folder, server)


@pytest.fixture(scope="session")
def impatient_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server whose blocking mode is off."""
    folder = tmp_path_factory.mktemp("impatient")
    environ = _environ(MEDIANT_NOMARR__BLOCKING_MODE="false")
    with running_server(folder / "config", environ) as server:
        yield _furnish(folder, server)


@pytest.fixture
def client(house: House) -> Iterator[httpx2.Client]:
    """A client of the house with the admin's key."""
    with house.client() as client:
        yield client


@pytest.fixture
def stranger(house: House) -> Iterator[httpx2.Client]:
    """A client of the house without any credential."""
    with house.stranger() as client:
        yield client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs networks where there are none."""
    for item in items:
        if item.get_closest_marker("models") and not HAS_MODELS:
            item.add_marker(pytest.mark.skip(reason="no networks: run `make models`"))
