"""Every documented example of the core endpoints, at every path and in both slash forms."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.contract.conftest import House
from tests.contract.shapes import differences, read_rows

ROOT_ALIASES = {"/tag", "/queue", "/list", "/info", "/status/{job_id}"}
NULLABLE = frozenset({"started_at", "finished_at", "error", "last_heartbeat"})


def _examples() -> Iterator[Any]:
    for row in read_rows("nomarr-v1"):
        path = row["path"].removeprefix("/api/v1")
        if path not in ROOT_ALIASES:
            continue
        for prefix in ("/api/v1", ""):
            for slash in ("", "/"):
                for response in row["responses"]:
                    name = f"{row['method']} {prefix}{path}{slash} {response['label']}"
                    yield pytest.param(row, prefix + path + slash, response, id=name)


def _ended_job(client: httpx2.Client, house: House) -> int:
    path = str(house.music / "Artist/Album/01 one.mp3")
    answer = client.post("/api/v1/tag", json={"path": path}).raise_for_status().json()
    client.get(f"/api/v2/jobs/{answer['job_id']}/wait", params={"timeout_s": 60})
    return int(answer["job_id"])


@pytest.mark.parametrize(("row", "path", "response"), list(_examples()))
def test_the_answer_has_the_documented_keys_and_types(
    house: House,
    impatient_house: House,
    row: dict[str, Any],
    path: str,
    response: dict[str, Any],
) -> None:
    where = impatient_house if "non-blocking" in response["label"] else house
    with where.client() as client:
        path = path.replace("{job_id}", str(_ended_job(client, where)))
        body = row["request"] and {
            **row["request"],
            "path": str(where.music / "Artist/Album/02 two.ogg"),
        }
        answer = client.request(row["method"], path, json=body)
    assert answer.status_code == response["status"]
    assert list(differences(response["body"], answer.json(), NULLABLE)) == []


def test_the_table_has_all_the_core_endpoints() -> None:
    found = {row["path"].removeprefix("/api/v1") for row in read_rows("nomarr-v1")}
    assert found >= ROOT_ALIASES
