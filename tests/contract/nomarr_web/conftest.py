"""A server on which calibrating is allowed, with a tagged library where there are networks."""

from collections.abc import Iterator

import httpx2
import pytest
from tests.contract.house import HAS_MODELS, House, await_workers, furnish, server_environ

from mediant.testing.server import running_server
from mediant.testing.wishes import wait_for


@pytest.fixture(scope="session")
def web_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of this family's own, its library scanned and all its tags made."""
    folder = tmp_path_factory.mktemp("web")
    environ = server_environ(
        MEDIANT_CALIBRATION__ENABLED="true", MEDIANT_CALIBRATION__MIN_SAMPLES="1"
    )
    with running_server(folder / "config", environ) as server:
        house = furnish(folder, server)
        with house.client() as client:
            await_workers(client)
            if HAS_MODELS:
                body = {"path": str(house.music), "force": True}
                for job_id in client.post("/api/v1/tag", json=body).json()["job_ids"]:
                    wait_for(client, job_id)
        yield house


@pytest.fixture
def web(web_house: House) -> Iterator[httpx2.Client]:
    """A client of that server with the admin's key."""
    with web_house.client() as client:
        yield client
