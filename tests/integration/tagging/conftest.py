"""Media, models and a room for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.tagging.house import House, make_house

from mediant.errors import ModelError
from mediant.models.models import Models
from mediant.store import Database
from mediant.tagging.tools import Tools, open_tools
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head

PULLED = Path(__file__).parents[3] / ".cache" / "models"


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    """Files of any kind, in a folder of their own."""
    return MediaFactory(tmp_path / "music")


@pytest.fixture(scope="session")
def pulled_models() -> Path:
    """The two built-in networks, as `mediant models pull` leaves them in the cache folder."""
    try:
        Models(PULLED).pull()
    except ModelError as error:
        pytest.skip(f"the weights cannot be fetched: {error}")
    return PULLED


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks in Essentia's form with invented weights: two backbones, heads of every kind."""
    folder = tmp_path_factory.mktemp("models")
    write_backbone(folder, "msd-musicnn")
    write_backbone(folder, "discogs-effnet", batch=64)
    write_head(folder, "mood_happy", ["happy", "non_happy"], bias=[4.0, -4.0])
    write_head(folder, "mood_sad", ["non_sad", "sad"], bias=[4.0, -4.0])
    write_head(folder, "mood_party", ["non_party", "party"], bias=[-4.0, 4.0])
    write_head(
        folder,
        "approachability_regression",
        ["approachability"],
        family="discogs-effnet",
        kind="identity",
    )
    write_head(
        folder,
        "genre_rosamerica",
        ["cla", "dan", "hip", "jaz"],
        bias=[0.0, 6.0, 0.0, 0.0],
    )
    return folder


@pytest.fixture(scope="session")
def tools(pulled_models: Path) -> Iterator[Tools]:
    """The built-in networks, ready."""
    with open_tools(pulled_models) as opened:
        yield opened


@pytest.fixture
def house(database: Database, small_models: Path) -> Iterator[House]:
    """A tagging room with the small networks, on SQLite and on PostgreSQL."""
    built = make_house(database, small_models)
    yield built
    built.tools.close()
