"""Hooks of media servers, from the event to the subtitle and back to the media server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.testing.answering import Answer, Asked, answering
from mediant.testing.jellyfin import FakeItems, fake_emby, fake_jellyfin
from mediant.testing.plex import FakePlex, PlexItem, fake_plex
from mediant.testing.server import running_server
from mediant.testing.speech import read_english
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.wishes import wait_for

ROOT = Path(__file__).parents[3]
MODELS = ROOT / ".cache" / "models"
SPEECH = ROOT / "corpora" / "speech"

needs_speech = [
    pytest.mark.models,
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (MODELS / "asr" / "whisper-tiny.en").is_dir() or not SPEECH.is_dir(),
        reason="needs a speech model and speech: make test-needs",
    ),
]


@pytest.fixture
def plex(tmp_path: Path) -> Iterator[FakePlex]:
    with fake_plex("/data/films") as found:
        yield found


@pytest.fixture
def jellyfin() -> Iterator[FakeItems]:
    with fake_jellyfin() as found:
        yield found


@pytest.fixture
def emby() -> Iterator[FakeItems]:
    with fake_emby() as found:
        yield found


@pytest.fixture
def completions() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A completion webhook: its address, and what it got."""
    heard: list[dict[str, Any]] = []

    def answer(asked: Asked) -> Answer:
        assert asked.path == "/done"
        heard.append(json.loads(asked.body))
        return Answer()

    with answering(answer) as url:
        yield f"{url}/done", heard


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """The folder that the media servers call `/data/films`."""
    folder = tmp_path / "films"
    folder.mkdir()
    return folder


@pytest.fixture
def client(
    tmp_path: Path,
    films: Path,
    plex: FakePlex,
    jellyfin: FakeItems,
    emby: FakeItems,
    completions: tuple[str, list[dict[str, Any]]],
) -> Iterator[httpx2.Client]:
    """A server that knows three media servers, which see its films in another folder."""
    environ = {
        "MEDIANT_MODELS_DIR": str(MODELS),
        "MEDIANT_MEDIA_SERVERS__PLEX_URL": plex.url,
        "MEDIANT_MEDIA_SERVERS__PLEX_TOKEN": plex.token,
        "MEDIANT_MEDIA_SERVERS__JELLYFIN_URL": jellyfin.url,
        "MEDIANT_MEDIA_SERVERS__JELLYFIN_KEY": jellyfin.token,
        "MEDIANT_MEDIA_SERVERS__EMBY_URL": emby.url,
        "MEDIANT_MEDIA_SERVERS__EMBY_KEY": emby.token,
        "MEDIANT_MEDIA_SERVERS__COMPLETION_URL": completions[0],
        "MEDIANT_SUBTITLES__USE_PATH_MAPPING": "true",
        "MEDIANT_SUBTITLES__PATH_MAPPING_FROM": "/data/films",
        "MEDIANT_SUBTITLES__PATH_MAPPING_TO": str(films),
        "MEDIANT_SUBTITLES__LIBRARY_PATHS": str(films),
    }
    with running_server(tmp_path / "config", environ) as server, server.client() as found:
        yield found


def _rule(client: httpx2.Client) -> None:
    rule = {
        "name": "English",
        "conditions": {"missing_external_subtitle_lang": "eng"},
        "action": {"action_type": "transcribe", "target_language": "eng"},
    }
    client.post("/api/scan-rules", json=rule).raise_for_status()


def _film(films: Path, name: str = "A film.mkv") -> Path:
    clip = read_english(SPEECH)[0]
    return VideoFactory(films).video(name, [Sound("eng", clip.path)])


def _jobs(client: httpx2.Client, kind: str) -> list[dict[str, Any]]:
    """All jobs of a kind, oldest first, each at its end."""
    page = client.get("/api/v2/jobs", params={"kind": kind}).json()["items"]
    return [wait_for(client, job["id"]) for job in reversed(page)]


def _finish(client: httpx2.Client, answer: httpx2.Response) -> list[dict[str, Any]]:
    """Everything that follows from a hook; the jobs that told the media servers."""
    assert answer.status_code == 202, answer.text
    for job in answer.json()["jobs"]:
        wait_for(client, job)
    for kind in ("scan_videos", "inspect_videos", "transcribe"):
        ended = _jobs(client, kind)
        assert {job["state"] for job in ended} <= {"done"}, ended
    return _jobs(client, "tell_subtitle")


class TestWithSpeech:
    """A hook, a subtitle, and everybody told."""

    pytestmark = needs_speech

    def test_plex_tells_and_is_told(
        self,
        client: httpx2.Client,
        films: Path,
        plex: FakePlex,
        jellyfin: FakeItems,
        emby: FakeItems,
        completions: tuple[str, list[dict[str, Any]]],
    ) -> None:
        _rule(client)
        film = _film(films)
        plex.add(PlexItem("41", "A film", "movie", "/data/films/A film.mkv"))
        event = {"event": "library.new", "Metadata": {"ratingKey": "41", "type": "movie"}}
        form, picture = {"payload": json.dumps(event)}, {"thumb": ("t.jpg", b"\xff\xd8")}
        told = _finish(client, client.post("/plex", data=form, files=picture))
        assert film.with_name("A film.eng.srt").read_text().count("-->") >= 1
        assert [job["state"] for job in told] == ["done"] * 4
        assert plex.refreshed == ["41"]
        assert (jellyfin.updated, emby.updated) == (["/data/films/A film.mkv"],) * 2
        subtitle = str(film.with_name("A film.eng.srt"))
        event = {"event": "transcribed", "file": str(film), "subtitle": subtitle, "language": "eng"}
        assert completions[1] == [event]

    @pytest.mark.slow
    def test_emby_names_the_file_itself(
        self, client: httpx2.Client, films: Path, emby: FakeItems
    ) -> None:
        _rule(client)
        film = _film(films)
        emby.add("12", "Movie", "/data/films/A film.mkv")
        item = {"Id": 12, "Type": "Movie", "Path": "/data/films/A film.mkv"}
        form = {"data": json.dumps({"Event": "library.new", "Item": item})}
        _finish(client, client.post("/api/v2/hooks/emby", data=form))
        assert film.with_name("A film.eng.srt").is_file()
        assert emby.refreshed == ["12"]

    @pytest.mark.slow
    def test_a_media_server_that_is_away_fails_visibly(
        self, client: httpx2.Client, films: Path, plex: FakePlex
    ) -> None:
        _rule(client)
        film = _film(films)
        plex.token = "another by now"
        body = {"eventType": "Download", "episodeFile": {"path": "/data/films/A film.mkv"}}
        told = _finish(client, client.post("/api/v2/hooks/sonarr", json=body))
        assert film.with_name("A film.eng.srt").is_file()
        states = {job["payload"]["to"]: (job["state"], job["error"]) for job in told}
        assert states["plex"][0] == "failed"
        assert "token" in states["plex"][1]
        assert states["jellyfin"] == ("done", None)

    @pytest.mark.slow
    def test_a_folder_in_a_forced_language(self, client: httpx2.Client, films: Path) -> None:
        first, second = _film(films), _film(films, "Show/S01E01.mkv")
        given = {"directory": "/data/films", "forceLanguage": "en"}
        _finish(client, client.post("/batch", params=given))
        assert first.with_name("A film.eng.srt").is_file()
        assert second.with_name("S01E01.eng.srt").is_file()


def test_without_a_rule_nothing_is_done_and_it_is_said(client: httpx2.Client) -> None:
    body = {"eventType": "Download", "movieFile": {"path": "/data/films/A film.mkv"}}
    answer = client.post("/api/v2/hooks/radarr", json=body)
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert "rule" in answer.json()["reason"]
    assert client.get("/api/v2/jobs").json()["items"] == []


def test_an_item_that_plex_does_not_know_fails_with_its_reason(client: httpx2.Client) -> None:
    event = {"event": "library.new", "Metadata": {"ratingKey": "9"}}
    answer = client.post("/plex", data={"payload": json.dumps(event)})
    job = wait_for(client, answer.json()["jobs"][0])
    assert (job["state"], job["error_code"]) == ("failed", "not_found")
    assert "plex-token" not in json.dumps(job)


def test_a_series_of_jellyfin_has_many_files(
    client: httpx2.Client, jellyfin: FakeItems, films: Path
) -> None:
    _rule(client)
    jellyfin.add("aa", "Series", "/data/films/Show")
    for n in (1, 2):
        jellyfin.add(f"b{n}", "Episode", f"/data/films/Show/{n}.mkv", parent_id="aa")
    body = {"NotificationType": "ItemAdded", "ItemId": "aa"}
    answer = client.post("/jellyfin", json=body)
    job = wait_for(client, answer.json()["jobs"][0])
    assert (job["state"], job["result"]["files"]) == ("done", 2)
    (scan,) = _jobs(client, "scan_videos")
    wanted = [str(films / "Show" / f"{n}.mkv") for n in (1, 2)]
    assert scan["result"]["missing"] == wanted


def test_a_key_is_needed(client: httpx2.Client) -> None:
    key = client.headers["authorization"].removeprefix("Bearer ")
    test = {"data": '{"Event": "system.notificationtest"}'}
    with httpx2.Client(base_url=client.base_url) as stranger:
        for path in ("/plex", "/emby", "/api/v2/hooks/sonarr", "/batch"):
            assert stranger.post(path, data=test).status_code == 401
        assert stranger.post("/emby", data=test, params={"apikey": "wrong"}).status_code == 401
        assert stranger.post("/emby", data=test, params={"apikey": key}).status_code == 200


def test_tests_and_other_events_are_answered(client: httpx2.Client) -> None:
    emby = client.post("/emby", json={"Event": "system.notificationtest"}).json()
    assert emby["status"] == "ok"
    for service in ("sonarr", "radarr"):
        answer = client.post(f"/api/v2/hooks/{service}", json={"eventType": "Test"}).json()
        assert answer["status"] == "ok"
    played = {"event": "played", "file": "/data/films/a.mkv"}
    answer = client.post("/tautulli", json=played, headers={"source": "Tautulli"}).json()
    assert (answer["status"], "heed_playback" in answer["reason"]) == ("ignored", True)
    assert client.post("/tautulli", json=played).status_code == 400
    assert client.get("/jellyfin").json()["hint"]


def test_nonsense_is_the_callers_mistake(client: httpx2.Client) -> None:
    for body in ("", "{}", "[1]", '{"event": 5}', "not json"):
        assert client.post("/plex", content=body).status_code == 400, body
        assert client.post("/plex", data={"payload": body}).status_code == 400, body
    assert client.post("/plex", data={"other": "{}"}).status_code == 400


def test_a_path_of_another_system_is_ignored_with_its_reason(client: httpx2.Client) -> None:
    """A Sonarr on Windows without a mapping: no scan of whatever folder the server stands in."""
    _rule(client)
    for path in (r"C:\Films\A.mkv", "A.mkv", "../A.mkv"):
        event = {"event": "added", "file": path}
        answer = client.post("/tautulli", json=event, headers={"source": "Tautulli"}).json()
        assert (answer["status"], answer["jobs"]) == ("ignored", []), answer
        assert "use_path_mapping" in answer["reason"]
    assert client.get("/api/v2/jobs", params={"kind": "scan_videos"}).json()["items"] == []
