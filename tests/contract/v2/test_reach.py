"""Which files of the machine a key may name in a wish for subtitles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.testing.server import RunningServer, running_server
from mediant.testing.videos import Sound, VideoFactory

ROOM = "/api/v2/subtitles"
SECRETS = ("/etc/passwd", "/proc/self/environ", "/dev/zero", "/nowhere/at/all.mkv")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library `films` with a film, one beside it, and links from the one to the other."""
    place = tmp_path_factory.mktemp("reach")
    VideoFactory(place / "films").video("Film.mkv", [Sound("jpn")])
    VideoFactory(place / "private").video("Secret.mkv", [Sound("jpn")])
    (place / "films" / "link.mkv").symlink_to(place / "private" / "Secret.mkv")
    (place / "films" / "door").symlink_to(place / "private")
    return place


@pytest.fixture(scope="module")
def server(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("config")) as server, server.client() as owner:
        body = {"name": "Films", "root_path": str(place / "films")}
        owner.post("/api/v2/libraries", json=body).raise_for_status()
        owner.post("/api/v2/jobs/pause", json={"scope": "all"}).raise_for_status()
        yield server


class Post:
    """Posts a body with a key of one scope."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._clients: dict[str, httpx2.Client] = {}

    def __call__(self, scope: str, address: str, body: dict[str, Any]) -> httpx2.Response:
        if scope not in self._clients:
            with self._server.client() as owner:
                wish = {"name": f"a {scope} key", "scopes": [scope]}
                made = owner.post("/api/v2/keys", json=wish).raise_for_status().json()
            self._clients[scope] = self._server.client(made["key"])
        return self._clients[scope].post(address, json=body)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture(scope="module")
def post(server: RunningServer) -> Iterator[Post]:
    post = Post(server)
    yield post
    post.close()


def _outside(place: Path) -> list[str]:
    films = place / "films"
    return [
        *SECRETS,
        str(place / "private" / "Secret.mkv"),
        str(films / ".." / "private" / "Secret.mkv"),
        str(films / "link.mkv"),
        str(films / "door" / "Secret.mkv"),
        f"{films}2/Film.mkv",
    ]


def _asks(path: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every way to name a file: (address, scope, body)."""
    return [
        (f"{ROOM}/analyze", "read", {"path": path}),
        (f"{ROOM}/transcribe", "jobs", {"path": path, "target": "eng"}),
        (f"{ROOM}/transcribe", "write", {"path": path, "target": "eng", "overwrite": True}),
        (f"{ROOM}/detect", "jobs", {"path": path}),
        (f"{ROOM}/scans", "jobs", {"paths": [path]}),
        ("/api/jobs", "jobs", {"file_path": path, "file_name": "x", "target_lang": "eng"}),
        ("/api/scanner/analyze", "jobs", {"file_path": path}),
        ("/api/scanner/scan", "jobs", {"paths": [path]}),
        ("/api/scanner/scheduler/start", "write", {"enabled": True, "paths": [path]}),
        ("/api/scanner/watcher/start", "write", {"enabled": True, "paths": [path]}),
        (f"/api/v2/hooks/batch?directory={path}", "jobs", {}),
    ]


def test_a_key_for_programs_opens_nothing_outside_the_libraries(
    server: RunningServer, place: Path, post: Post
) -> None:
    for path in _outside(place):
        for address, scope, body in _asks(path):
            answer = post(scope, address, body)
            assert answer.status_code == 403, (address, path, answer.text)
            assert "lies in no library" in answer.text
            assert "library_paths" in answer.text
    with server.client() as owner:
        named = {job["file_path"] for job in owner.get(f"{ROOM}/jobs").json()["jobs"]}
        assert named <= {str(place / "films" / "Film.mkv")}
        assert owner.get("/api/scanner/status").json()["watcher_enabled"] is False


def test_a_subtitle_goes_nowhere_else(place: Path, post: Post) -> None:
    film = str(place / "films" / "Film.mkv")
    wish = {"path": film, "target": "eng", "folder": str(place / "private")}
    answer = post("write", f"{ROOM}/transcribe", wish)
    assert (answer.status_code, answer.json()["asset"]) == (403, str(place / "private"))


def test_a_hook_passes_over_what_lies_outside(place: Path, post: Post) -> None:
    secret = str(place / "private" / "Secret.mkv")
    event = {"eventType": "Download", "episodeFile": {"path": secret}}
    answer = post("jobs", "/sonarr", event).json()
    assert answer["status"] == "ignored"
    assert "lies in no library" in answer["reason"]


def test_what_lies_in_a_library_is_taken(server: RunningServer, place: Path, post: Post) -> None:
    film = str(place / "films" / "Film.mkv")
    seen = post("read", f"{ROOM}/analyze", {"path": film})
    assert seen.status_code == 200
    made = post("jobs", f"{ROOM}/detect", {"path": film})
    assert (made.status_code, made.json()["state"]) == (202, "queued")
    with server.client() as owner:
        owner.post(f"{ROOM}/jobs/{made.json()['id']}/cancel").raise_for_status()


def test_who_administers_the_server_may_name_any_file(server: RunningServer, place: Path) -> None:
    secret = str(place / "private" / "Secret.mkv")
    with server.client() as owner:
        assert owner.post(f"{ROOM}/analyze", json={"path": secret}).status_code == 200


def test_a_job_is_for_a_file(server: RunningServer, place: Path) -> None:
    with server.client() as owner:
        for path, words in ((str(place / "films"), "a folder"), ("/dev/zero", "a device")):
            for address in ("transcribe", "detect"):
                answer = owner.post(f"{ROOM}/{address}", json={"path": path})
                assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
                assert words in answer.json()["detail"]
