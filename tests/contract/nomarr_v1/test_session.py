"""Logging in and out, and where each credential is taken."""

import httpx2
import pytest
from tests.contract.guesses import guess_until_refused
from tests.contract.house import House


def test_a_login_gives_both_names_and_a_day(full_house: House, newcomer: httpx2.Client) -> None:
    told = newcomer.post("/web/auth/login", json={"password": full_house.server.password}).json()
    assert told["token"] == told["session_token"]
    assert told["expires_in"] == 86400
    assert (
        "HttpOnly"
        in newcomer.post("/web/auth/login", json={"password": full_house.server.password}).headers[
            "set-cookie"
        ]
    )


def test_a_wrong_password_is_401_and_says_so(newcomer: httpx2.Client) -> None:
    answer = newcomer.post("/web/auth/login", json={"password": "wrong"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid password"})


def test_tries_are_limited(newcomer: httpx2.Client) -> None:
    refused = guess_until_refused(newcomer, "/web/auth/login")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize("body", ["", "{}", '{"password": null}', "[]", "{"])
def test_a_login_without_a_password_is_400(newcomer: httpx2.Client, body: str) -> None:
    answer = newcomer.post("/web/auth/login", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_a_password_in_the_address_is_not_taken(full_house: House, newcomer: httpx2.Client) -> None:
    query = {"password": full_house.server.password}
    assert newcomer.post("/web/auth/login", params=query).status_code == 400
    assert full_house.server.password not in full_house.server.log()


def test_a_logout_ends_the_session_at_once(full_house: House, newcomer: httpx2.Client) -> None:
    login = newcomer.post("/web/auth/login", json={"password": full_house.server.password})
    newcomer.cookies.clear()
    headers = {"Authorization": f"Bearer {login.json()['token']}"}
    assert newcomer.get("/api/v1/list", headers=headers).status_code == 200
    told = newcomer.post("/web/auth/logout", headers=headers).json()
    assert told == {"status": "ok", "ended": True}
    assert newcomer.get("/api/v1/list", headers=headers).status_code == 401


def test_a_key_outlives_a_logout(full: httpx2.Client) -> None:
    assert full.post("/web/auth/logout").json() == {"status": "ok", "ended": False}
    assert full.get("/web/api/list").status_code == 200


def test_the_page_of_another_site_cannot_log_in(full_house: House, newcomer: httpx2.Client) -> None:
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    body = {"password": full_house.server.password}
    assert newcomer.post("/web/auth/login", json=body, headers=headers).status_code == 403
