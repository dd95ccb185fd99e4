"""Every secret is used against servers that echo it, then looked for in all that was written."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.settings import Settings
from mediant.settings.secret import list_secrets
from mediant.testing.answering import Answer, Asked, answering
from mediant.testing.chat import ChatServer, Reply
from mediant.testing.server import KEY, PASSWORD, RunningServer, running_server
from mediant.testing.speech_server import FakeSpeechServer
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.wishes import wait_for

pytestmark = pytest.mark.slow

LIVE = ("subtitles", "media_servers")
NAMES = sorted(name for name in list_secrets(Settings) if name.startswith(LIVE))
CANARIES = {name: f"canary-{place}-{name.partition('.')[2]}" for place, name in enumerate(NAMES)}


WORDS = ("canary-login", "canary-word", "canary-query")
"""Secrets within the address of the completion webhook."""


def canary(name: str) -> str:
    return CANARIES[next(one for one in NAMES if one.endswith(f".{name}"))]


def betray(name: str) -> str:
    """What a careless server says to the key that it was sent."""
    key = canary(name)
    return f"Bad key: Bearer {key}. See http://127.0.0.1/keys?api_key={key}&next=1, not {key}!"


STATUSES = (400, 401, 404, 200, 302)


def echo(asked: Asked) -> Answer:
    """Each call another failure, all with the secrets in the text, in the place, or both."""
    echo.calls += 1  # type: ignore[attr-defined]
    status = STATUSES[echo.calls % len(STATUSES)]  # type: ignore[attr-defined]
    sent = [key for key in CANARIES.values() if key in str(asked.headers)]
    said = f"{dict(asked.headers)} {' '.join(f'http://127.0.0.1/?key={key}' for key in sent)}"
    place = {"Location": f"/?token={''.join(sent)}"} if status == 302 else None
    return Answer(status, said.encode(), "text/plain", place)


@contextmanager
def echoing() -> Iterator[str]:
    echo.calls = 0  # type: ignore[attr-defined]
    with answering(echo) as url:
        yield url


def patch(client: httpx2.Client, **values: Any) -> None:
    dotted = {name.replace("__", "."): value for name, value in values.items()}
    client.patch("/api/v2/system/settings", json=dotted).raise_for_status()


def connect(client: httpx2.Client, speech: str, chat: str, others: str) -> None:
    """Every service with its secret."""
    given = client.patch("/api/v2/system/settings", json=CANARIES).raise_for_status()
    assert sorted(given.json()["changed"]) == NAMES
    patch(
        client,
        subtitles__openai_url=speech,
        subtitles__translation_url=chat,
        subtitles__translation_model="m",
        subtitles__bazarr_url=others,
        subtitles__bazarr_provider_enabled=True,
        subtitles__debug=True,
        media_servers__plex_url=others,
        media_servers__jellyfin_url=others,
        media_servers__emby_url=others,
        media_servers__completion_url=with_words(f"{others}/done"),
    )


def with_words(address: str) -> str:
    login, word, value = WORDS
    return f"{address.replace('://', f'://{login}:{word}@')}?of={value}"


def transcribe(client: httpx2.Client, film: Path, target: str) -> dict[str, Any]:
    wish = {"file_path": str(film), "source_lang": "eng", "target_lang": target}
    answer = client.post("/api/jobs", json=wish).raise_for_status().json()
    newest = client.get("/api/v2/jobs", params={"kind": "transcribe"}).json()["items"][0]
    assert answer["id"]
    return wait_for(client, newest["id"])


def use_speech(client: httpx2.Client, films: VideoFactory, speech: FakeSpeechServer) -> None:
    """The speech server refuses with every secret in its sentence, then works."""
    film = films.video("Refused.mkv", [Sound("eng")])
    for speech.status in (400, 401):
        speech.reason = betray("openai_key")
        job = transcribe(client, film, "eng")
        assert job["state"] == "failed", job
    speech.status = 200
    assert speech.requests[0].authorization == f"Bearer {canary('openai_key')}"


def _always(reply: Reply, _messages: object) -> Reply:
    return reply


def use_translation(client: httpx2.Client, films: VideoFactory, chat: ChatServer) -> None:
    film = films.video("Translated.mkv", [Sound("eng")])
    told = betray("translation_key")
    for reply in (Reply(told, 422), Reply(told, 401), Reply(raw=told.encode())):
        chat.model = partial(_always, reply)
        job = transcribe(client, film, "fra")
        assert job["state"] == "failed", job
    assert chat.requests


def use_listeners(client: httpx2.Client, films: VideoFactory) -> None:
    """A subtitle is written, and all who are told of it fail in their ways."""
    for number in range(3):
        done = transcribe(client, films.video(f"Told {number}.mkv", [Sound("eng")]), "eng")
        assert done["state"] == "done", done
        for kind in ("tell_subtitle", "tell_bazarr"):
            jobs = client.get("/api/v2/jobs", params={"kind": kind}).json()["items"]
            assert jobs
            for job in jobs:
                wait_for(client, job["id"])


def use_hooks(client: httpx2.Client) -> None:
    """The media servers are asked which file an item is."""
    plex = {"event": "library.new", "Metadata": {"ratingKey": "9"}}
    for _ in range(len(STATUSES)):
        answers = [
            client.post("/plex", data={"payload": json.dumps(plex)}),
            client.post("/jellyfin", json={"NotificationType": "ItemAdded", "ItemId": "aa"}),
            client.post("/emby", json={"Event": "library.new", "Item": {"Id": "12"}}),
        ]
        for answer in answers:
            for job in answer.json().get("jobs", []):
                wait_for(client, job)


def use_provider(server: RunningServer) -> list[str]:
    """Bazarr's key in every place where a key may stand; what was answered."""
    key = canary("bazarr_api_key")
    with server.client(key) as bazarr, server.client(None) as stranger:
        return [
            bazarr.get("/api/v2/jobs").text,
            bazarr.post("/asr", params={"task": "transcribe"}).text,
            stranger.post(f"/provider/{key}/asr").text,
            stranger.get(f"/provider/{key}/nothing").text,
            stranger.post("/asr", params={"apikey": key}).text,
        ]


def give_nonsense(client: httpx2.Client) -> list[str]:
    """Secrets that cannot be, and the masks written back; what was answered."""
    said = []
    for name, key in CANARIES.items():
        for bad in (f"{key}\x07bell", f"{key}\u00e9", key * 400):
            answer = client.patch("/api/v2/system/settings", json={name: bad})
            assert answer.status_code == 400, answer.text
            said.append(answer.text)
        family = f"/api/settings/{name.partition('.')[2]}"
        if name.startswith("subtitles."):
            said.append(client.put(family, json={"value": f"{key}\u00e9"}).text)
            said.append(client.put(family, json={"value": "********"}).raise_for_status().text)
        patch(client, **{name.replace(".", "__"): "********"})
        assert client.patch("/api/v2/system/settings", json={name: 5}).status_code == 400
    return said


PAGES = (
    "/api/v2/system/settings", "/api/v2/system/settings/entries", "/api/v2/system/info",
    "/api/v2/system/doctor",
    "/api/v2/system/health", "/api/v2/jobs?limit=200", "/api/v1/info", "/info", "/web/api/info",
    "/api/settings", "/api/v2/workers", "/api/jobs", "/metrics", "/api/v1/queue",
)  # fmt: skip


def read_answers(server: RunningServer) -> Iterator[tuple[str, str]]:
    """What people can ask for."""
    with server.client() as client:
        for page in PAGES:
            yield page, client.get(page).text
        for job in client.get("/api/v2/jobs", params={"limit": 200}).json()["items"]:
            yield f"log of {job['kind']}", client.get(f"/api/v2/jobs/{job['id']}/log").text
    for command in (["doctor"], ["doctor", "--json"], ["settings", "list"], ["jobs"]):
        made = subprocess.run(
            [sys.executable, "-m", "mediant", *command],
            env={"MEDIANT_CONFIG_DIR": str(server.config_dir), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        yield f"mediant {command}", (made.stdout + made.stderr).decode()


def read_files(server: RunningServer) -> Iterator[tuple[str, str]]:
    """What was written: logs, and every table but that of the settings."""
    for path in sorted(server.config_dir.rglob("*")):
        if path.is_file() and not path.name.startswith("mediant.db"):
            yield str(path), path.read_bytes().decode(errors="replace")
    with closing(sqlite3.connect(server.config_dir / "mediant.db")) as connection:
        for line in connection.iterdump():
            if not line.startswith('INSERT INTO "setting"'):
                yield "database", line


def read_kept(server: RunningServer) -> dict[str, str]:
    """The secrets in the one place where they stand."""
    with closing(sqlite3.connect(server.config_dir / "mediant.db")) as connection:
        kept = dict(connection.execute("SELECT key, value FROM setting"))
    return {name: json.loads(kept[name]) for name in NAMES}


def test_no_secret_is_told_or_written(tmp_path: Path) -> None:
    films = VideoFactory(tmp_path / "films")
    speech = FakeSpeechServer(key=canary("openai_key"))
    chat = ChatServer(lambda _messages: Reply("?"), key=canary("translation_key"))
    environ = {"MEDIANT_LOG_JSON": "false", "MEDIANT_JOBS__MAX_TRIES": "1"}
    with (
        speech.running(),
        chat,
        echoing() as others,
        running_server(tmp_path / "config", environ) as server,
        server.client() as client,
    ):
        connect(client, speech.url, chat.url, others)
        answers = use_provider(server) + give_nonsense(client)
        use_speech(client, films, speech)
        use_translation(client, films, chat)
        use_listeners(client, films)
        use_hooks(client)
        found = [("answers", text) for text in answers]
        found += [*read_answers(server), *read_files(server)]
        # The masks that were written back changed nothing.
        assert read_kept(server) == CANARIES
    words = {f"completion_url {word}": word for word in WORDS}
    secrets = {**CANARIES, **words, "api_key": KEY, "admin_password": PASSWORD}
    leaks = [
        (place, name, text[max(0, text.index(secret) - 80) :][:240])
        for place, text in found
        for name, secret in secrets.items()
        if secret in text
    ]
    assert leaks == []
    assert any("The speech server refuses" in text for _, text in found)
    assert any("The translation server answered 422" in text for _, text in found)
