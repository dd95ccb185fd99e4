"""Every row of the family at every path: documented keys and types, both slash forms, who may."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from tests.contract.house import House
from tests.contract.nomarr_v1.sse import read_events
from tests.contract.shapes import differences, read_rows

from mediant.testing.wishes import wait_for

ROWS = read_rows("nomarr-v1")
ROOT = ("/tag", "/queue", "/list", "/info", "/status/{job_id}")
TWINS = {
    "/internal/process_stream": "/web/api/process",
    "/internal/batch_process": "/web/api/batch-process",
    "/internal/health": "/web/api/health",
    **{path: f"/api/v1{path}" for path in ROOT},
}
"""Paths whose examples stand at another path."""
STREAMS = {"/web/api/process"}
OPEN = {"/api/v1/info", "/info", "/web/auth/login"}
NULLABLE = frozenset({"started_at", "finished_at", "error", "last_heartbeat"})
WITHOUT_NETWORKS = frozenset({"version"})
DRIFT = frozenset({"apd_p5", "apd_p95", "srd", "jsd", "median_drift", "iqr_drift"})
FIRST_RUN = DRIFT | {"reference_version"}


@dataclass(frozen=True, slots=True)
class Case:
    """One documented answer, asked for at one path."""

    row: dict[str, Any]
    path: str
    response: dict[str, Any]

    @property
    def is_stream(self) -> bool:
        """Whether the answer comes in pieces."""
        return TWINS.get(self.row["path"], self.row["path"]) in STREAMS

    def __str__(self) -> str:
        """The test's name."""
        return f"{self.row['method']} {self.path} {self.response['label']}"


def _paths(path: str) -> list[str]:
    """Every path at which a row answers."""
    paths = [path]
    if path.startswith("/admin/"):
        paths.append(f"/api/v1{path}")
    short = path.removeprefix("/api/v1")
    if short in ROOT and all(row["path"] != short for row in ROWS):
        paths.append(short)
    return [form + slash for form in dict.fromkeys(paths) for slash in ("", "/")]


def _responses(row: dict[str, Any]) -> list[dict[str, Any]]:
    twin = TWINS.get(row["path"], row["path"])
    (documented,) = [one for one in ROWS if (one["path"], one["method"]) == (twin, row["method"])]
    if twin in STREAMS:
        return [{"status": 200, "label": "stream", "body": {}}]
    return list(documented["responses"])


def _cases() -> list[Case]:
    return [
        Case(row, path, response)
        for row in ROWS
        for path in _paths(row["path"])
        for response in _responses(row)
    ]


CASES = _cases()


def test_no_row_is_skipped() -> None:
    """Every row of the table, and every documented status of each, has its cases."""
    asked = {(case.row["method"], case.row["path"]) for case in CASES}
    assert asked == {(row["method"], row["path"]) for row in ROWS}
    for row in ROWS:
        told = {one["label"] for one in row["responses"]}
        assert told <= {case.response["label"] for case in CASES if case.row == row}
        assert {f"{row['path']}", f"{row['path']}/"} <= {c.path for c in CASES if c.row == row}
    assert len(ROWS) == 35


def _request(row: dict[str, Any]) -> dict[str, Any] | None:
    """The documented request of a row, or of the path whose twin it is."""
    twin = TWINS.get(row["path"], row["path"])
    (documented,) = [one for one in ROWS if (one["path"], one["method"]) == (twin, row["method"])]
    request: dict[str, Any] | None = documented["request"]
    return request


def _ended_job(client: httpx2.Client, house: House) -> int:
    """A job that has ended: of a file that is no music, so that it needs no network."""
    path = house.music / "ended.mp3"
    path.write_bytes(b"no music")
    answer = client.post("/api/v2/tagging/tag", json={"path": str(path)}).raise_for_status()
    (job_id,) = answer.json()["job_ids"]
    wait_for(client, job_id)
    path.unlink()
    return int(job_id)


def _body(case: Case, house: House, job_id: int) -> dict[str, Any] | None:
    """The documented request, with paths, a job and a password that exist here."""
    request = _request(case.row)
    if request is None:
        return None
    songs = [str(house.music / "Artist/Album" / name) for name in ("01 one.mp3", "02 two.ogg")]
    password = "wrong" if case.response["label"] == "failure" else house.server.password
    own = {"path": songs[1], "paths": songs, "job_id": job_id, "password": password}
    return {name: own.get(name, value) for name, value in request.items()}


def _log_in(house: House) -> str:
    with house.stranger() as client:
        answer = client.post("/web/auth/login", json={"password": house.server.password})
        token: str = answer.raise_for_status().json()["token"]
    return token


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_answer_has_the_documented_keys_and_types(
    full_house: House, impatient_house: House, case: Case
) -> None:
    """Both credentials open all routes: here the key without the slash, the login with it."""
    house = impatient_house if "non-blocking" in case.response["label"] else full_house
    with house.client() as client:
        job_id = _ended_job(client, house)
        body = _body(case, house, job_id)
        path = case.path.replace("{job_id}", str(job_id))
        needs_login = case.path.endswith("/") or "logout" in case.path
        key = _log_in(house) if needs_login else house.server.key
        headers = {"Authorization": f"Bearer {key}"}
        answer = client.request(case.row["method"], path, json=body, headers=headers)
        if "pause" in case.path:
            client.post("/admin/worker/resume").raise_for_status()
    assert answer.status_code == case.response["status"], answer.text
    if case.is_stream:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert list(read_events(answer.iter_lines()))[-1] == ("done", {"type": "done"})
        return
    nullable = NULLABLE | (FIRST_RUN if "calibration" in case.path else frozenset())
    nullable |= WITHOUT_NETWORKS
    assert list(differences(case.response["body"], answer.json(), nullable)) == []


_CALLS = sorted({(case.row["method"], case.path) for case in CASES})


@pytest.mark.parametrize(("method", "path"), _CALLS)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["none", "wrong"])
def test_a_credential_is_needed(
    newcomer: httpx2.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = newcomer.request(method, path.replace("{job_id}", "1"), headers=headers)
    is_open = path.rstrip("/") in OPEN and (not headers or "login" in path)
    if is_open:
        assert answer.status_code == (400 if "login" in path else 200)
        return
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])
    assert answer.headers["www-authenticate"].startswith("Bearer")
