"""The server that the provider's tests share."""

from collections.abc import Iterator

import pytest
from tests.contract.house import server_environ
from tests.contract.provider.studio import Studio

from mediant.testing.server import running_server


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A server with a speech model that stays loaded."""
    folder = tmp_path_factory.mktemp("studio")
    environ = server_environ(
        MEDIANT_SUBTITLES__CLEAR_VRAM_ON_COMPLETE="false", MEDIANT_SUBTITLES__MODEL_IDLE_S="0"
    )
    with running_server(folder / "config", environ) as server:
        yield Studio(server)


@pytest.fixture
def paused(studio: Studio) -> Iterator[Studio]:
    """The studio while no work is taken up."""
    studio.pause("speech")
    studio.pause("detect")
    yield studio
    studio.resume("speech")
    studio.resume("detect")
