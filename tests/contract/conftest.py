"""Real servers in processes of their own, shared by the tests of one run."""

from collections.abc import Iterator

import httpx2
import pytest
from tests.contract.house import HAS_MODELS, House, furnish, server_environ

from mediant.testing.server import running_server


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server in its default settings: blocking mode is on."""
    folder = tmp_path_factory.mktemp("house")
    with running_server(folder / "config", server_environ()) as server:
        yield furnish(folder, server)


@pytest.fixture(scope="session")
def impatient_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server whose blocking mode is off."""
    folder = tmp_path_factory.mktemp("impatient")
    environ = server_environ(MEDIANT_NOMARR__BLOCKING_MODE="false")
    with running_server(folder / "config", environ) as server:
        yield furnish(folder, server)


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
