"""`/api/v2/tagging/navidrome`: shapes, statuses and who may call."""

import json
from typing import Any

import httpx2
import pytest
from tests.contract.house import House

ROOM = "/api/v2/tagging/navidrome"
QUERY = "nom:mood_happy is true"


def test_tags_configuration_and_templates_have_their_shapes(client: httpx2.Client) -> None:
    tags = client.get(f"{ROOM}/tags").raise_for_status().json()
    assert tags["namespace"] == "nom"
    for tag in tags["tags"]:
        assert tag.keys() == {"key", "type", "is_multivalue", "summary", "files"}
    config = client.get(f"{ROOM}/config").raise_for_status().json()
    assert config.keys() == {"namespace", "config"}
    assert config["config"].startswith("# ")
    for offer in client.get(f"{ROOM}/templates").raise_for_status().json()["items"]:
        assert offer.keys() == {"id", "name", "description", "query", "files"}
        assert offer["files"] > 0


def test_a_preview_and_a_playlist_of_the_documented_query(client: httpx2.Client) -> None:
    found = client.post(f"{ROOM}/preview", json={"query": QUERY, "limit": 3})
    assert found.raise_for_status().json().keys() == {"matched", "tracks"}
    body = {"query": QUERY, "name": "Happy", "limit": 50, "sort": "-year"}
    made = client.post(f"{ROOM}/playlists", json=body).raise_for_status().json()
    assert (made["name"], made["query"]) == ("Happy", QUERY)
    assert json.loads(made["content"]) == {
        "name": "Happy",
        "comment": f"Mediant: {QUERY}",
        "all": [{"is": {"mood_loose": "happy"}}],
        "sort": "year",
        "order": "desc",
        "limit": 50,
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("preview", {}),
        ("preview", {"query": ""}),
        ("preview", {"query": "a is b AND c is d OR e is f"}),
        ("preview", {"query": "x" * 4097}),
        ("preview", {"query": "a is \0"}),
        ("preview", {"query": QUERY, "limit": 1001}),
        ("preview", {"query": QUERY, "name": "unknown here"}),
        ("playlists", {"query": QUERY}),
        ("playlists", {"query": QUERY, "name": " "}),
        ("playlists", {"query": QUERY, "name": "x", "limit": 10_001}),
        ("playlists", {"query": QUERY, "name": "x", "sort": "nothing"}),
        ("playlists", {"query": "((a is b)", "name": "x"}),
    ],
)
def test_what_makes_no_sense_is_400(client: httpx2.Client, path: str, body: Any) -> None:
    answer = client.post(f"{ROOM}/{path}", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_query_is_refused_with_its_cause_and_a_remedy(client: httpx2.Client) -> None:
    answer = client.post(f"{ROOM}/preview", json={"query": "artist is Bach"}).json()
    assert answer["code"] == "invalid"
    assert answer["detail"].startswith("Invalid playlist query: `artist` is a field of Navidrome")
    assert answer["remedy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "tags"),
        ("GET", "config"),
        ("GET", "templates"),
        ("POST", "preview"),
        ("POST", "playlists"),
    ],
)
def test_a_key_is_needed(house: House, method: str, path: str) -> None:
    with house.stranger() as stranger:
        assert stranger.request(method, f"{ROOM}/{path}").status_code == 401
