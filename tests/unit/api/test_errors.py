"""Every error of the tree has a status, and reaches the caller in its family's envelope."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import OperationalError

from mediant import errors
from mediant.api.edge import RequestLog
from mediant.api.errors import STATUS, EdgeRoute, Failure, add_handlers, failure_of, family_route
from mediant.api.v2.problem import V2Route, v2_router


class Body(BaseModel):
    """Something to get wrong."""

    count: int


class StrictBody(Body):
    """Nothing else may stand in it."""

    model_config = ConfigDict(extra="forbid")


def _all_errors() -> list[type[errors.MediantError]]:
    found = [errors.MediantError]
    for kind in found:
        found += kind.__subclasses__()
    own = [kind for kind in found if kind.__module__ == "mediant.errors"]
    return [kind for kind in own if kind not in {errors.MediantError, errors.MediaError}]


@pytest.mark.parametrize("kind", _all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_a_status(kind: type[errors.MediantError]) -> None:
    assert kind.code in STATUS


@pytest.mark.parametrize("code", errors.MEDIA_CODES)
def test_a_media_error_is_never_a_fault_of_the_server(code: str) -> None:
    failure = failure_of(errors.MediaError(code, "It is so.", asset="/m/a.mp3"))
    assert 400 <= failure.status < 500


def test_a_failure_reads_as_one_line() -> None:
    failure = Failure(404, "missing", "The file is not there.", "/m/a.mp3", "Look again.")
    assert str(failure) == "/m/a.mp3: The file is not there. Look again."


def _upper(failure: Failure) -> dict[str, Any]:
    return {"ERROR": failure.code.upper()}


@pytest.fixture
def client() -> TestClient:
    server = FastAPI(redirect_slashes=False)
    v2 = v2_router("jobs")
    other = family_route(_upper, invalid_status=418)

    @v2.get("/refused")
    def refuse() -> None:
        raise errors.Refused("Not now.", asset="job 7", remedy="Wait.")

    @v2.get("/lost")
    def lose() -> None:
        raise OperationalError("SELECT secret FROM t", {}, Exception("connection reset"))

    @v2.get("/busy")
    def be_busy() -> None:
        raise errors.Busy

    @v2.get("/bug")
    def have_a_bug() -> None:
        raise ZeroDivisionError("the secret is 42")

    @v2.post("/body")
    def read(body: Body) -> Body:
        return body

    @v2.post("/strict")
    def read_strictly(body: StrictBody) -> Body:
        return body

    server.include_router(v2)
    server.router.route_class = other
    server.get("/family/refused")(refuse)
    server.post("/family/body")(read)
    server.get("/family/bug")(have_a_bug)
    add_handlers(server, {"/api/v2": V2Route})
    server.add_middleware(RequestLog)
    return TestClient(server, raise_server_exceptions=False)


def test_v2_tells_a_problem(client: TestClient) -> None:
    answer = client.get("/api/v2/jobs/refused")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:mediant:error:refused",
        "title": "Refused",
        "status": 409,
        "detail": "Not now.",
        "code": "refused",
        "asset": "job 7",
        "remedy": "Wait.",
    }


def test_invalid_input_names_the_field(client: TestClient) -> None:
    answer = client.post("/api/v2/jobs/body", json={"count": "many"})
    assert (answer.status_code, answer.json()["asset"]) == (400, "count")


@pytest.mark.parametrize("body", [[], "text", 3])
def test_a_body_that_is_no_object_is_told_in_the_words_of_a_request(
    client: TestClient, body: Any
) -> None:
    answer = client.post("/api/v2/jobs/body", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, "It is an object.")


def test_a_field_too_many_is_told_in_the_words_of_a_request(client: TestClient) -> None:
    answer = client.post("/api/v2/jobs/strict", json={"count": 1, "size": 2})
    assert (answer.status_code, answer.json()["asset"]) == (400, "size")
    assert answer.json()["detail"] == "There is no such field."


@pytest.mark.parametrize("path", ["busy", "lost"])
def test_a_database_that_does_not_answer_is_tried_again(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v2/jobs/{path}")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0
    assert "SELECT" not in answer.text


def test_a_bug_shows_its_request_and_nothing_inside(client: TestClient) -> None:
    answer = client.get("/api/v2/jobs/bug", headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "abc-1")
    assert "abc-1" in answer.json()["detail"]
    assert "42" not in answer.text


def test_a_family_keeps_its_own_language(client: TestClient) -> None:
    assert client.get("/family/refused").json() == {"ERROR": "REFUSED"}
    assert client.get("/family/bug").json() == {"ERROR": "ERROR"}
    answer = client.post("/family/body", json={})
    assert (answer.status_code, answer.json()) == (418, {"ERROR": "INVALID"})


def test_unknown_paths_answer_in_the_envelope_of_their_prefix(client: TestClient) -> None:
    assert client.get("/api/v2/nothing").json()["code"] == "not_found"
    assert client.get("/nothing").json() == {"detail": "Not Found"}
    assert client.post("/api/v2/jobs/busy").status_code == 405


def test_the_envelope_of_most_families_is_detail() -> None:
    answer = EdgeRoute.answer(Failure(404, "not_found", "No."))
    assert json.loads(bytes(answer.body)) == {"detail": "No."}


@pytest.mark.parametrize(("wait_s", "told"), [(39.2, "40"), (0.1, "1"), (None, "2")])
def test_who_tried_too_often_learns_when_to_come_back(wait_s: float | None, told: str) -> None:
    failure = failure_of(errors.TooManyTries("Wait.", retry_after_s=wait_s))
    assert (failure.status, failure.headers) == (429, {"Retry-After": told})
