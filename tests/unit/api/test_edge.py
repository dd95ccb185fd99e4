"""Paths in both forms, request ids, and a log without secrets."""

import logging
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mediant.api.edge import SECRET_NAMES, Address, BodyLimit, RequestLog, hide_key, redact
from mediant.api.errors import answer_http


async def _tell(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.scope['root_path']}")


def _client(base_path: str = "") -> TestClient:
    routes = [Route("/", _tell), Route("/tag", _tell, methods=["GET", "POST"])]
    inner: Any = Starlette(routes=routes)
    inner.router.redirect_slashes = False
    return TestClient(Address(RequestLog(inner), base_path), follow_redirects=False)


@pytest.mark.parametrize("path", ["/tag", "/tag/", "/tag//"])
def test_both_slash_forms_are_one_resource(path: str) -> None:
    client = _client()
    assert client.get(path).status_code == 200
    assert client.post(path, content="x").text == "POST "


@pytest.mark.parametrize("base_path", ["/music", "music/", "/a/b"])
@pytest.mark.parametrize("path", ["/tag", "/tag/", "/"])
def test_a_base_path_may_be_stripped_by_the_proxy_or_not(base_path: str, path: str) -> None:
    prefix = "/" + base_path.strip("/")
    client = _client(base_path)
    assert client.get(path).text == f"GET {prefix}"
    assert client.get(prefix + path).text == f"GET {prefix}"
    assert client.get(prefix).text == f"GET {prefix}"


def test_every_answer_has_an_id() -> None:
    client = _client()
    first, second = (client.get("/tag").headers["x-request-id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(("sent", "kept"), [("abc-1_2", True), ("a" * 65, False), ("a b", False)])
def test_the_proxys_id_is_kept_when_it_is_harmless(sent: str, kept: bool) -> None:
    answer = _client().get("/tag", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


def test_the_log_line_has_facts_and_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mediant.access"):
        _client().get("/tag?apikey=geheim&Token=geheim&limit=5")
    (record,) = [one for one in caplog.records if one.name == "mediant.access"]
    facts = record.__dict__
    assert (facts["method"], facts["status"]) == ("GET", 200)
    assert "limit=5" in facts["target"]
    assert "geheim" not in str(facts)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_only_secrets_are_struck_out(pairs: list[tuple[str, str]]) -> None:
    kept = parse_qsl(redact(urlencode(pairs)), keep_blank_values=True)
    wanted = [(n, "***" if n.lower() in SECRET_NAMES else v) for n, v in pairs]
    assert kept == wanted


async def _measure(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(0, 200), (1 << 20, 200), ((1 << 20) + 1, 413)])
def test_a_body_is_bounded_to_the_byte(size: int, status: int, is_told: bool) -> None:
    limited = Starlette(routes=[Route("/", _measure, methods=["POST"])])
    limited.state.route_classes = {}
    limited.add_exception_handler(HTTPException, answer_http)
    limited.add_middleware(BodyLimit, most_bytes=1 << 20)
    body = b"x" * size
    pieces = (body[start : start + 1000] for start in range(0, size, 1000))
    answer = TestClient(limited).post("/", content=body if is_told else pieces)
    assert answer.status_code == status
    if status == 413:
        assert answer.json() == {"detail": "The body is larger than 1 MiB."}
    else:
        assert answer.text == str(size)


def test_a_path_cannot_write_lines_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Neither lines nor commands for the terminal that shows the log, nor anything binary."""
    caplog.set_level(logging.INFO, "mediant.access")
    _client().get("/tag%0A2026%20forged%1B%5B2J%00%E2%80%AE%C3%A9")
    (record,) = [one for one in caplog.records if one.name == "mediant.access"]
    assert vars(record)["target"] == "/tag%0A2026 forged%1B[2J%00%E2%80%AEé"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/provider/s3cret/asr", "/provider/***/asr"),
        ("/music/provider/s3cret/detect-language", "/music/provider/***/detect-language"),
        ("/provider/s3cret", "/provider/***"),
        ("/provider/s3/cret/asr", "/provider/***/asr"),
        ("/provider/s3cret/other", "/provider/***"),
        ("/provider/s3\ncret/status", "/provider/***/status"),
        ("/asr", "/asr"),
        ("/provider", "/provider"),
    ],
)
def test_a_key_in_the_path_is_hidden(path: str, shown: str) -> None:
    assert hide_key(path) == shown


def test_some_paths_take_more() -> None:
    async def read(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route(path, read, methods=["POST"]) for path in ("/small", "/sound")]
    inner: Any = Starlette(routes=routes)
    inner.state.route_classes = {}
    inner.add_exception_handler(HTTPException, answer_http)
    limits = {"/sound": 100}
    inner.add_middleware(BodyLimit, most_bytes=10, find_limit=limits.get)
    inner.add_middleware(Address, base_path="/base")
    client = TestClient(inner)
    assert client.post("/base/sound", content=b"x" * 100).text == "100"
    assert client.post("/base/sound", content=b"x" * 101).status_code == 413
    assert client.post("/base/small", content=b"x" * 11).status_code == 413
    assert client.post("/base/small", content=b"x" * 10).text == "10"
