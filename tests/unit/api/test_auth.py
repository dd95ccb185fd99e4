"""Credentials as they travel, and pages of other sites."""

import base64

import pytest
from fastapi import Request
from starlette.responses import Response

from mediant.api.auth import (
    Presented,
    drop_cookie,
    read_presented,
    refuse_foreign_page,
    set_cookie,
)
from mediant.errors import Forbidden


def _request(
    headers: dict[str, str] | None = None, query: str = "", root_path: str = ""
) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request(
        {
            "type": "http",
            "method": "POST",
            "scheme": "http",
            "path": "/",
            "root_path": root_path,
            "server": ("media.local", 8356),
            "query_string": query.encode(),
            "headers": [(b"host", b"media.local:8356"), *raw],
        }
    )


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query", "secret"),
    [
        ({"Authorization": "Bearer abc"}, "", "abc"),
        ({"Authorization": "bearer  abc "}, "", "abc"),
        ({"Authorization": _basic("anyone:abc")}, "", "abc"),
        ({"Authorization": _basic("anyone:a:c")}, "", "a:c"),
        ({"X-API-Key": "abc"}, "", "abc"),
        ({}, "apikey=abc", "abc"),
        ({}, "token=abc", "abc"),
        ({"Authorization": "Bearer abc"}, "apikey=other", "abc"),
        ({"Authorization": "Basic !!"}, "", None),
        ({"Authorization": _basic("nothing")}, "", None),
        ({"Authorization": "Digest abc"}, "", None),
        ({"Authorization": "Bearer"}, "", None),
        ({}, "", None),
    ],
)
def test_a_credential_is_found_wherever_it_stands(
    headers: dict[str, str], query: str, secret: str | None
) -> None:
    assert read_presented(_request(headers, query)) == Presented(secret, None)


def test_the_cookie_is_kept_apart() -> None:
    found = read_presented(_request({"Cookie": "mediant_session=abc", "X-API-Key": "key"}))
    assert found == Presented("key", "abc")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://media.local:8356"},
    ],
)
def test_our_own_pages_and_programs_may_change_things(headers: dict[str, str]) -> None:
    refuse_foreign_page(_request(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://media.local:9999"},
    ],
)
def test_pages_of_other_sites_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        refuse_foreign_page(_request(headers))


def test_the_cookie_is_out_of_reach_of_scripts() -> None:
    response = Response()
    set_cookie(_request(root_path="/music"), response, "abc", 60)
    cookie = response.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/music", "Max-Age=60"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_cookie_is_secure_behind_https() -> None:
    response = Response()
    set_cookie(_request({"X-Forwarded-Proto": "https"}), response, "abc", 60)
    assert "Secure" in response.headers["set-cookie"]


def test_the_cookie_can_be_taken_away() -> None:
    response = Response()
    drop_cookie(_request(), response)
    assert "Max-Age=0" in response.headers["set-cookie"]
