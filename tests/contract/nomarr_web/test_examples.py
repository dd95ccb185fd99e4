"""Every row of the family: documented keys and types, both slash forms, and who may call."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.contract.house import House
from tests.contract.shapes import differences, read_rows

ROWS = read_rows("nomarr-web")
STREAM = "/api/web/events/status"
RESTART = "/api/web/worker/restart"
"""Has a process of its own in test_restart.py."""
OPEN = {"/api/web/auth/login"}
NULLABLE = frozenset({"global_version", "last_run", "version"})
NAMED_BY_DATA = {"heads", "saved_files", "mood_correlations", "mood_tier_correlations"}
"""Objects whose keys are names from the library: their values are compared, not their keys."""


def _calls(*without: str) -> Iterator[Any]:
    for row in ROWS:
        for slash in ("", "/") if row["path"] not in without else ():
            yield pytest.param(row, slash, id=f"{row['method']} {row['path']}{slash}")


def _path(row: dict[str, Any], house: House) -> str:
    return str(row["path"]).replace("{id}", str(house.library_id))


def _body(row: dict[str, Any], house: House) -> dict[str, Any] | None:
    """The documented request, with paths and a password that exist here."""
    if row["request"] is None:
        return None
    own: dict[str, Any] = {
        "path": str(house.music / "Artist/Album/01 one.mp3"),
        "paths": [str(house.music / "Artist/Album")],
        "password": house.server.password,
    }
    return {name: own.get(name, value) for name, value in row["request"].items()}


def _comparable(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if key in NAMED_BY_DATA:
            return [_comparable(one, "tiers" if "tier" in key else "") for one in value.values()]
        return {name: _comparable(one, name) for name, one in value.items()}
    return [_comparable(one) for one in value] if isinstance(value, list) else value


ASKED = list(_calls(RESTART))


@pytest.mark.parametrize(("row", "slash"), ASKED)
def test_the_answer_is_as_documented(
    web_house: House, web: httpx2.Client, row: dict[str, Any], slash: str
) -> None:
    path = _path(row, web_house) + slash
    if row["path"] == STREAM:
        with web.stream("GET", path) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
        return
    answer = web.request(row["method"], path, json=_body(row, web_house))
    _undo(row, web)
    assert answer.status_code == 200, answer.text
    for response in row["responses"]:
        found = differences(_shape(response["body"]), _comparable(answer.json()), NULLABLE)
        assert list(found) == []


def _undo(row: dict[str, Any], web: httpx2.Client) -> None:
    """Other tests share this server: a pause, or a setting, would be theirs too."""
    if row["path"] == "/api/web/worker/pause":
        web.post("/api/web/worker/resume").raise_for_status()
    if row["method"] == "POST" and row["path"] == "/api/web/config":
        web.post(row["path"], json={**row["request"], "value": None}).raise_for_status()


def _shape(example: Any) -> Any:
    """The documented example; moods that a library may not have are no part of its shape."""
    shape = _comparable(example)
    if isinstance(shape, dict) and "mood_correlations" in shape:
        shape["mood_correlations"] = [{}]
    return shape


@pytest.mark.parametrize(("row", "slash"), list(_calls()))
def test_a_credential_is_needed(web_house: House, row: dict[str, Any], slash: str) -> None:
    path = _path(row, web_house) + slash
    with web_house.stranger() as stranger:
        # Too many wrong keys a minute are answered otherwise: one form of each path is enough.
        wrong = [] if slash else [{"Authorization": "Bearer wrong"}]
        for headers in ({}, *wrong):
            if row["path"] in OPEN:
                answer = stranger.request(row["method"], path, json={"password": "wrong"})
            else:
                body = _body(row, web_house)
                answer = stranger.request(row["method"], path, json=body, headers=headers)
            assert (answer.status_code, list(answer.json())) == (401, ["detail"])
            if row["path"] in OPEN:
                break


def test_a_login_opens_what_the_key_opens(web_house: House) -> None:
    with web_house.stranger() as stranger:
        answer = stranger.post("/api/web/auth/login", json={"password": web_house.server.password})
        token = answer.json()["session_token"]
        stranger.cookies.clear()
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("/api/web/queue/queue-depth", "/api/web/config", "/api/v1/list"):
            assert stranger.get(path).status_code == 401
            assert stranger.get(path, headers=headers).status_code == 200
        stranger.post("/api/web/auth/logout", headers=headers).raise_for_status()
        assert stranger.get("/api/web/config", headers=headers).status_code == 401


def test_no_row_is_left_out(web_house: House) -> None:
    served = {
        (method.upper(), path) for path, methods in _served(web_house).items() for method in methods
    }
    documented = {(row["method"], row["path"].replace("{id}", "{library_id}")) for row in ROWS}
    assert documented - served == set()
    assert len(documented) == len(ROWS) == 22
    asked = {(row["method"], row["path"]) for row, _ in (one.values for one in ASKED)}
    left = {(row["method"], row["path"]) for row in ROWS} - asked
    assert left == {("POST", RESTART)}


def _served(house: House) -> dict[str, Any]:
    with house.client() as client:
        answer = client.get("/openapi/nomarr-web.json").raise_for_status()
        return dict(answer.json()["paths"])
