"""Keys with scopes, sessions with cookies, and the limits of guessing."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.contract.guesses import guess_until_refused
from tests.contract.house import House

from mediant.testing.server import running_server

FOREIGN = {"Sec-Fetch-Site": "cross-site"}


def _new_key(client: httpx2.Client, *scopes: str) -> tuple[int, str]:
    body = {"name": "for a test", "scopes": list(scopes)}
    made = client.post("/api/v2/keys", json=body)
    assert made.status_code == 201
    return made.json()["id"], made.json()["key"]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", {"read"}),
        ("jobs", {"read", "jobs"}),
        ("write", {"read", "jobs", "write"}),
        ("admin", {"read", "jobs", "write", "admin"}),
    ],
)
def test_a_key_may_what_its_scope_says(
    house: House, client: httpx2.Client, scope: str, allowed: set[str]
) -> None:
    _, key = _new_key(client, scope)
    calls = {
        "read": ("GET", "/api/v2/jobs", 200),
        "jobs": ("POST", "/api/v2/jobs/999999999/cancel", 404),
        "write": ("DELETE", "/api/v2/libraries/999999", 404),
        "admin": ("GET", "/api/v2/keys", 200),
    }
    with house.client(key) as caller:
        for needed, (method, path, status) in calls.items():
            answer = caller.request(method, path)
            assert answer.status_code == (status if needed in allowed else 403), needed


def test_a_key_without_write_cannot_have_tags_written(house: House, client: httpx2.Client) -> None:
    _, key = _new_key(client, "jobs")
    body = {"path": str(house.music / "Artist/Album/01 one.mp3"), "write_mode": "full"}
    with house.client(key) as caller:
        assert caller.post("/api/v2/tagging/tag", json=body).status_code == 403


def test_a_secret_is_shown_once_and_dies_when_revoked(house: House, client: httpx2.Client) -> None:
    key_id, key = _new_key(client, "read")
    listed = client.get("/api/v2/keys")
    assert key not in listed.text
    (entry,) = [one for one in listed.json()["items"] if one["id"] == key_id]
    assert (entry["hint"], entry["revoked_at"]) == (key[:4], None)
    with house.client(key) as caller:
        assert caller.get("/api/v2/jobs").status_code == 200
        assert client.delete(f"/api/v2/keys/{key_id}").status_code == 204
        assert caller.get("/api/v2/jobs").status_code == 401


@pytest.fixture
def browser(house: House) -> Iterator[httpx2.Client]:
    """A client that has logged in and keeps its cookie."""
    with house.stranger() as client:
        answer = client.post("/api/v2/sessions", json={"password": house.server.password})
        assert answer.status_code == 201
        yield client


def test_a_login_gives_a_cookie_and_a_token(
    browser: httpx2.Client, stranger: httpx2.Client
) -> None:
    assert browser.get("/api/v2/keys").status_code == 200
    token = browser.cookies["mediant_session"]
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/v2/keys", headers=headers).status_code == 200
    assert stranger.get("/list", params={"token": token}).status_code == 200


def test_a_session_lasts_a_day(house: House, stranger: httpx2.Client) -> None:
    body = {"password": house.server.password}
    answer = stranger.post("/api/v2/sessions", json=body).json()
    assert answer["expires_in"] == 86_400


def test_other_sites_cannot_use_the_cookie(browser: httpx2.Client) -> None:
    answer = browser.post("/api/v2/jobs/pause", json={}, headers=FOREIGN)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert browser.get("/api/v2/jobs/counts").json()["paused"] == []
    assert browser.get("/api/v2/jobs", headers=FOREIGN).status_code == 200


def test_a_key_may_be_used_from_anywhere(client: httpx2.Client) -> None:
    answer = client.post("/api/v2/jobs/resume", json={"scope": "lane:cpu"}, headers=FOREIGN)
    assert answer.status_code == 200


@pytest.mark.parametrize("way", ["current", "token"])
def test_a_logout_ends_the_session(house: House, browser: httpx2.Client, way: str) -> None:
    token = browser.cookies["mediant_session"]
    if way == "current":
        answer = browser.delete("/api/v2/sessions/current")
    else:
        answer = browser.post("/api/v2/sessions/end", json={"token": token})
    assert answer.status_code == 204
    with house.client(token) as caller:
        assert caller.get("/api/v2/jobs").status_code == 401


def test_a_new_password_ends_every_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        running_server(tmp_path_factory.mktemp("own") / "config") as server,
        server.client(None) as browser,
        server.client() as key,
    ):
        login = {"password": server.password}
        assert browser.post("/api/v2/sessions", json=login).status_code == 201
        wrong = {"current": "not it at all", "new": "a new password"}
        assert browser.put("/api/v2/sessions/password", json=wrong).status_code == 401
        right = {"current": server.password, "new": "a new password"}
        assert browser.put("/api/v2/sessions/password", json=right).status_code == 204
        assert browser.get("/api/v2/jobs").status_code == 401
        assert browser.post("/api/v2/sessions", json=login).status_code == 401
        assert key.get("/api/v2/jobs").status_code == 200
        assert browser.post("/api/v2/sessions", json={"password": "a new password"}).is_success


def test_guessing_is_slowed_down(tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        running_server(tmp_path_factory.mktemp("own") / "config") as server,
        server.client(None) as client,
    ):
        refused = guess_until_refused(client, "/api/v2/sessions")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["code"] == "too_many_tries"


LOGINS = ("/api/v2/sessions", "/web/auth/login", "/api/web/auth/login")


def test_without_a_password_every_door_says_the_same(tmp_path: Path) -> None:
    with running_server(tmp_path / "config") as server, server.client() as client:
        with server.database() as connection:
            connection.execute("DELETE FROM credential")
        answers = [client.post(path, json={"password": server.password}) for path in LOGINS]
        assert [answer.status_code for answer in answers] == [503] * 3
        assert all("mediant password set" in answer.text for answer in answers)
        # The command line of this machine needs no proof, and opens the doors again.
        given = (server.config_dir / "server.json").read_text()
        client.headers["authorization"] = f"Bearer {json.loads(given)['token']}"
        new = {"new": "a new password"}
        client.put("/api/v2/sessions/password", json=new).raise_for_status()
        answers = [client.post(path, json={"password": new["new"]}) for path in LOGINS]
        assert all(answer.is_success for answer in answers)
