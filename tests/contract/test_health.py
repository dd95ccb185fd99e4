"""`GET /health`, which two families document, and its neighbours."""

from typing import Any

import httpx2
import pytest
from tests.contract.shapes import differences, read_rows

from mediant.testing.waiting import wait_until


@pytest.mark.parametrize("family", ["transcriptorio", "autoarr"])
@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_is_the_union_of_both_documents(
    stranger: httpx2.Client, family: str, path: str
) -> None:
    (row,) = [one for one in read_rows(family) if one["path"] == "/health"]
    example: dict[str, Any] = row["responses"][0]["body"]
    services = example.pop("services", {})
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert list(differences(example, answer.json(), frozenset())) == []
    assert answer.json()["services"] == {}, services


def test_health_tells_the_truth(stranger: httpx2.Client, client: httpx2.Client) -> None:
    def agrees() -> bool:  # when no worker of another test leaves between the two questions
        told = stranger.get("/health").json()
        return bool(told["workers"] == len(client.get("/api/v2/workers").json()["items"]) > 0)

    assert stranger.get("/health").json()["database"] == "connected"
    wait_until(agrees)


def test_the_server_is_ready(client: httpx2.Client, stranger: httpx2.Client) -> None:
    """It follows the access mode, as everything but `/health` does."""
    assert client.get("/ready").json() == {"ready": True, "problems": []}
    assert stranger.get("/ready").status_code == 401


def test_the_info_at_the_root_is_as_documented(stranger: httpx2.Client) -> None:
    (row,) = [one for one in read_rows("transcriptorio") if one["path"] == "/"]
    answer = stranger.get("/").json()
    assert list(differences(row["responses"][0]["body"], answer, frozenset())) == []
