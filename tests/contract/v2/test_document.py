"""The description of the API: valid, complete, and readable without the network."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx2
import pytest
from fastapi.openapi.models import OpenAPI
from tests.contract.shapes import read_rows

ROOMS = {
    "libraries",
    "files",
    "jobs",
    "workers",
    "tagging",
    "subtitles",
    "models",
    "system",
    "events",
    "keys",
    "sessions",
    "hooks",
}


@pytest.fixture
def document(stranger: httpx2.Client) -> dict[str, Any]:
    answer: dict[str, Any] = stranger.get("/openapi.json").raise_for_status().json()
    return answer


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_it_is_a_valid_openapi_document(document: dict[str, Any]) -> None:
    OpenAPI.model_validate(document)
    schemas = document["components"]["schemas"]
    for reference in _references(document):
        prefix, _, name = reference.rpartition("/")
        assert prefix == "#/components/schemas"
        assert name in schemas


def test_it_describes_v2_and_nothing_else(document: dict[str, Any]) -> None:
    rooms = {path.split("/")[3] for path in document["paths"]}
    assert rooms == ROOMS
    assert all(path.startswith("/api/v2/") for path in document["paths"])
    assert not [path for path in document["paths"] if path.endswith("/")]


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(one["description"] for one in operations)
    assert all("default" in one["responses"] for one in operations)
    assert not any("422" in one["responses"] for one in operations)


@pytest.mark.parametrize("family", ["nomarr-v1", "nomarr-web"])
def test_each_family_has_its_own_document(stranger: httpx2.Client, family: str) -> None:
    found = stranger.get(f"/openapi/{family}.json").json()
    OpenAPI.model_validate(found)
    documented = {row["path"] for row in read_rows(family)}
    assert documented
    assert _names_erased(found["paths"]) >= _names_erased(documented)
    assert stranger.get("/openapi/nobody.json").status_code == 404


def _names_erased(paths: Iterable[str]) -> set[str]:
    """Paths without the names of their parameters, which documents choose differently."""
    return {re.sub(r"\{[^}]*\}", "{}", path) for path in paths}


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_need_nothing_from_elsewhere(stranger: httpx2.Client, path: str) -> None:
    answer = stranger.get(path, headers={"Accept": "text/html,*/*"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "//" not in answer.text.replace("<!doctype html>", "")
    assert "<script" not in answer.text


def test_the_page_lists_every_call(stranger: httpx2.Client, document: dict[str, Any]) -> None:
    page = stranger.get("/docs").text
    for path in document["paths"]:
        assert path in page


def test_the_root_is_json_for_programs(stranger: httpx2.Client) -> None:
    answer = stranger.get("/").json()
    assert (answer["name"], answer["status"]) == ("Mediant API", "running")
