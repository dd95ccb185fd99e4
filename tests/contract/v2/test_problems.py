"""Every error of v2 is a problem with a stable code."""

import httpx2
import pytest
from tests.contract.house import House

KEYS = {"type", "title", "status", "detail", "code", "asset", "remedy"}


def _check(answer: httpx2.Response, status: int, code: str) -> None:
    body = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.keys() == KEYS
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs/999999999"),
        ("GET", "/jobs/999999999/log"),
        ("GET", "/jobs/999999999/wait"),
        ("POST", "/jobs/999999999/cancel"),
        ("POST", "/jobs/999999999/retry"),
        ("DELETE", "/jobs/999999999"),
        ("GET", "/libraries/999999"),
        ("DELETE", "/libraries/999999"),
        ("POST", "/libraries/999999/scan"),
        ("DELETE", "/libraries/path-maps/999999"),
        ("GET", "/files/999999"),
        ("GET", "/files/by-path?path=/nowhere.mp3"),
        ("GET", "/tagging/track/999999"),
        ("DELETE", "/models/no-such-model"),
        ("DELETE", "/workers/nobody"),
        ("DELETE", "/keys/999999"),
        ("GET", "/nothing"),
    ],
)
def test_what_is_not_there_is_404(client: httpx2.Client, method: str, path: str) -> None:
    _check(client.request(method, f"/api/v2{path}"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/jobs?limit=0", None),
        ("GET", "/jobs?limit=1001", None),
        ("GET", "/jobs?cursor=abc", None),
        ("GET", "/jobs?state=sleeping", None),
        ("GET", "/jobs/abc", None),
        ("GET", "/events?topics=nonsense.*", None),
        ("POST", "/jobs/pause", {"scope": "everything"}),
        ("POST", "/jobs/pause", {"scope": "kind:nope"}),
        ("POST", "/jobs/pause", {"scope": "lane:bogus"}),
        ("POST", "/jobs/resume", {"scope": "kind:nope"}),
        ("POST", "/jobs/cleanup", {"states": ["running"]}),
        ("POST", "/libraries", {"name": "x"}),
        ("POST", "/libraries", {"name": "x", "root_path": "/nowhere/at/all"}),
        ("POST", "/libraries", {"name": "x", "root_path": "/", "colour": "red"}),
        ("POST", "/tagging/tag", {}),
        ("POST", "/tagging/tag", {"path": "/a", "library_id": 1}),
        ("POST", "/tagging/undo", {}),
        ("POST", "/keys", {"name": "x", "scopes": ["everything"]}),
        ("POST", "/keys", {"name": "x", "expires_at": "2001-01-01T00:00:00Z"}),
        ("POST", "/workers", {"lane": "fast"}),
        ("PUT", "/sessions/password", {"current": "x"}),
    ],
)
def test_what_makes_no_sense_is_400(
    client: httpx2.Client, method: str, path: str, body: object
) -> None:
    _check(client.request(method, f"/api/v2{path}", json=body), 400, "invalid")


def test_an_unknown_pause_names_the_known_ones(client: httpx2.Client) -> None:
    kind = client.post("/api/v2/jobs/pause", json={"scope": "kind:nope"}).json()
    assert "scan" in kind["remedy"]
    assert "tag" in kind["remedy"]
    lane = client.post("/api/v2/jobs/pause", json={"scope": "lane:bogus"}).json()
    assert "cpu, detect, io" in lane["remedy"]
    assert client.get("/api/v2/jobs/counts").json()["paused"] == []


def test_a_body_that_is_no_json_is_400(client: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    _check(client.post("/api/v2/keys", content="{", headers=headers), 400, "invalid")


def test_a_wrong_method_is_405(client: httpx2.Client) -> None:
    _check(client.put("/api/v2/jobs"), 405, "method_not_allowed")


def test_a_huge_body_is_413(client: httpx2.Client) -> None:
    body = {"name": "x" * (5 << 20)}
    _check(client.post("/api/v2/keys", json=body), 413, "too_large")


def test_a_huge_body_of_unknown_length_is_413(client: httpx2.Client) -> None:
    pieces = (b"x" * (1 << 20) for _ in range(5))
    _check(client.post("/api/v2/keys", content=pieces), 413, "too_large")


def test_nobody_gets_in_without_a_credential(house: House, stranger: httpx2.Client) -> None:
    document = stranger.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations:
            if path in {"/api/v2/sessions", "/api/v2/sessions/current", "/api/v2/sessions/end"}:
                continue
            address = path.replace("{name}", "x")
            for name in ("library_id", "map_id", "file_id", "job_id", "key_id"):
                address = address.replace(f"{{{name}}}", "1")
            answer = stranger.request(method, address)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "address",
    [
        "/api/v2/jobs/{n}",
        "/api/v2/jobs/{n}/log",
        "/api/v2/jobs/1/log?after={n}",
        "/api/v2/jobs?cursor={n}",
        "/api/v2/jobs?parent_id={n}",
        "/api/v2/files/{n}",
        "/api/v2/files?library_id={n}",
        "/api/v2/libraries/{n}",
        "/api/v2/tagging/track/{n}",
        "/api/v1/status/{n}",
        "/api/v1/list?offset={n}",
    ],
)
@pytest.mark.parametrize("number", [2**63, 10**23])
def test_a_number_that_no_column_holds_is_the_callers_mistake(client, address, number):
    answer = client.get(address.format(n=number))
    assert answer.status_code in {400, 422}
