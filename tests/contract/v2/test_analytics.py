"""`/api/v2/tagging/analytics`, over HTTP, on tracks whose figures are known."""

from collections.abc import Iterator

import httpx2
import pytest

from mediant.testing.server import running_server
from mediant.testing.tracks import furnish

ROOM = "/api/v2/tagging/analytics"
TRACKS = (
    {"mood-loose": ("happy", "party"), "mood-strict": ("happy",), "mood-regular": ("happy",)},
    {"mood-loose": ("happy",), "genre": ("Rock",), "energy": ("0.2500",)},
    {"mood-loose": ("sad",), "genre": ("Rock",), "energy": ("0.5000",)},
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    folder = tmp_path_factory.mktemp("analytics")
    furnish(folder, TRACKS)
    with running_server(folder) as server, server.client() as client:
        yield client


def test_tag_frequencies(client: httpx2.Client) -> None:
    found = client.get(f"{ROOM}/frequencies").raise_for_status().json()
    assert found["frequencies"][0] == {"key": "mood-loose", "files": 3, "values": 3}
    short = client.get(f"{ROOM}/frequencies", params={"limit": 1}).raise_for_status().json()
    assert short["frequencies"] == found["frequencies"][:1]


def test_mood_distribution(client: httpx2.Client) -> None:
    found = client.get(f"{ROOM}/moods").raise_for_status().json()["moods"]
    assert found[0] == {"mood": "happy", "files": 2, "percentage": 66.7}
    assert [one["mood"] for one in found] == ["happy", "party", "sad"]


def test_correlations(client: httpx2.Client) -> None:
    found = client.get(f"{ROOM}/correlations", params={"top_n": 2}).raise_for_status().json()
    assert found["moods"] == {"happy": {"party": 0.5}, "party": {"happy": 1.0}}
    assert found["tiers"]["happy"] == {"tier_s": 0.5, "tier_a": 0.0, "tier_b": 0.5}


def test_co_occurrence(client: httpx2.Client) -> None:
    happy, sad = ({"key": "mood-loose", "value": word} for word in ("happy", "sad"))
    body = {"x": [happy, sad], "y": [{"key": "genre", "value": "Rock"}, sad]}
    found = client.post(f"{ROOM}/co-occurrence", json=body).raise_for_status().json()
    assert found == {"matrix": [[1, 1], [0, 1]]}


def test_genre_profiles(client: httpx2.Client) -> None:
    (rock,) = client.get(f"{ROOM}/genres").raise_for_status().json()["genres"]
    assert rock == {
        "genre": "Rock",
        "files": 2,
        "percentage": 66.7,
        "means": {"energy": 0.375},
        "moods": [
            {"mood": "happy", "files": 1, "percentage": 50.0},
            {"mood": "sad", "files": 1, "percentage": 50.0},
        ],
    }


@pytest.mark.parametrize(("across", "down"), [(17, 1), (1, 17), (0, 1)])
def test_a_matrix_of_other_sizes_is_refused(client: httpx2.Client, across: int, down: int) -> None:
    pair = {"key": "genre", "value": "Rock"}
    body = {"x": [pair] * across, "y": [pair] * down}
    answer = client.post(f"{ROOM}/co-occurrence", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert "16" in answer.json()["detail"]


@pytest.mark.parametrize("query", ["frequencies?limit=0", "moods?limit=x", "correlations?top_n=0"])
def test_limits_that_make_no_sense_are_refused(client: httpx2.Client, query: str) -> None:
    assert client.get(f"{ROOM}/{query}").status_code == 400


@pytest.mark.parametrize("name", ["frequencies", "moods", "correlations", "genres"])
def test_a_key_is_needed(client: httpx2.Client, name: str) -> None:
    answer = httpx2.get(client.base_url.join(f"{ROOM}/{name}"))
    assert answer.status_code == 401
