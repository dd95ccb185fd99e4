"""Calls to services: what passes, what is refused, what an error shows."""

import pytest

from mediant.errors import NotFound, Refused
from mediant.http import ServiceClient, ServiceDown
from mediant.testing.answering import Answer, Asked, answering, nobody

SECRET = "a secret token"


def _client(url: str) -> ServiceClient:
    return ServiceClient("The service", url, {"X-Token": SECRET})


def test_json_is_read_below_the_base() -> None:
    def answer(asked: Asked) -> Answer:
        told = f'{{"path": "{asked.path}", "x": "{asked.query["x"]}"}}'
        return Answer(body=told.encode())

    with answering(answer) as url, _client(f"{url}/base") as client:
        assert client.read("/here", {"x": "1 2"}) == {"path": "/base/here", "x": "1 2"}


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, ServiceDown), (429, ServiceDown), (404, NotFound), (401, Refused), (400, Refused)],
)
def test_failures_are_told_apart(status: int, error: type[Exception]) -> None:
    with answering(lambda _: Answer(status)) as url, _client(url) as client:
        with pytest.raises(error) as told:
            client.send("GET", "/")
        assert SECRET not in str(told.value)
        assert getattr(told.value, "transient", False) is (error is ServiceDown)


def test_a_redirect_carries_no_token_away() -> None:
    reached: list[Asked] = []

    def elsewhere(asked: Asked) -> Answer:
        reached.append(asked)
        return Answer()

    with answering(elsewhere) as other:
        away = Answer(302, headers={"Location": other})
        refused = pytest.raises(Refused, match="redirect")
        with answering(lambda _: away) as url, _client(url) as client, refused:
            client.send("POST", "/")
    assert reached == []


def test_nobody_there_passes() -> None:
    cannot = pytest.raises(ServiceDown, match="cannot be reached")
    with nobody() as url, _client(url) as client, cannot:
        client.send("GET", "/")


def test_something_else_than_json_is_refused() -> None:
    page = Answer(body=b"<html>", content_type="text/html")
    refused = pytest.raises(Refused, match="not JSON")
    with answering(lambda _: page) as url, _client(url) as client, refused:
        client.read("/")
