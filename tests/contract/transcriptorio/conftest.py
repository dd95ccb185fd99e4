"""The server that most tests of this family share."""

from collections.abc import Iterator

import httpx2
import pytest
from tests.contract.house import server_environ
from tests.contract.transcriptorio.cinema import Cinema, furnish, put_setting

from mediant.testing.server import running_server


@pytest.fixture(scope="session")
def cinema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cinema]:
    """A server with videos, on which no speech job is taken up."""
    folder = tmp_path_factory.mktemp("cinema")
    films = folder / "films"
    japanese, spanish = furnish(films)
    with running_server(folder / "config", server_environ()) as server, server.client() as client:
        client.post("/api/v2/jobs/pause", json={"scope": "lane:speech"}).raise_for_status()
        put_setting(client, "library_paths", str(films))
        yield Cinema(server, films, japanese, spanish)


@pytest.fixture
def visitor(cinema: Cinema) -> Iterator[httpx2.Client]:
    """A client of the cinema with the admin's key."""
    with cinema.client() as client:
        yield client
