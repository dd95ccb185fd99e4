"""A server on which this family can do everything: calibrating is on, tags go into files."""

from collections.abc import Iterator
from itertools import count

import httpx2
import pytest
from tests.contract.house import HAS_MODELS, House, await_rest, furnish, server_environ

from mediant.testing.server import START_S, running_server


@pytest.fixture(scope="session")
def full_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of this family's own; its songs are tagged and calibrated where that can be."""
    folder = tmp_path_factory.mktemp("full")
    environ = server_environ(
        MEDIANT_CALIBRATION__ENABLED="true",
        MEDIANT_CALIBRATION__MIN_SAMPLES="1",
        MEDIANT_TAGGING__WRITE_MODE="full",
        MEDIANT_JOBS__KEEP_FINISHED_S="3e8",  # jobs are made older, and nobody else removes them
    )
    with running_server(folder / "config", environ) as server:
        house = furnish(folder, server)
        if HAS_MODELS:
            with house.client() as client:
                body = {"paths": [str(house.music)]}
                client.post("/web/api/batch-process", json=body).raise_for_status()
                client.post("/admin/calibration/run").raise_for_status()
        yield house


@pytest.fixture
def full(full_house: House) -> Iterator[httpx2.Client]:
    """A client of that server with the admin's key, where no other test's work goes on."""
    with full_house.client() as client:
        await_rest(client)
        yield client


@pytest.fixture(scope="session")
def addresses() -> Iterator[int]:
    """Ends of addresses of this machine, each told once."""
    return count(2)


@pytest.fixture
def newcomer(full_house: House, addresses: Iterator[int]) -> Iterator[httpx2.Client]:
    """A client of that server without a credential, from an address that was never wrong yet."""
    number = next(addresses)
    address = f"127.0.{number // 250}.{number % 250 + 1}"
    transport = httpx2.HTTPTransport(local_address=address)
    url = full_house.server.url
    with httpx2.Client(base_url=url, transport=transport, timeout=START_S) as client:
        yield client
