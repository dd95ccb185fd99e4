"""Bazarr is told of new files, and told again while it is away."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediant.errors import Refused
from mediant.events.bus import EventBus
from mediant.http.client import ServiceDown
from mediant.integrations.bazarr.client import tell
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.provider.callback import TRIES, Callbacks
from mediant.testing.answering import Answer, answering, nobody

KEY = "bazarrs-own-key"
VIDEO = "/media/tv/Show/Season 1/S01E01.mkv"
ROWS = {
    "/api/movies": [{"path": "/films/A (2020)/A.mkv", "radarrId": 7}],
    "/api/series": [
        {"path": "/tv/Shows", "sonarrSeriesId": 3},
        {"path": "/tv/Show", "sonarrSeriesId": 4},
    ],
}


@pytest.fixture
def asked() -> list[tuple[str, str, dict[str, str]]]:
    return []


@pytest.fixture
def bazarr(asked) -> Iterator[str]:
    def answer(question):
        if question.headers.get("x-api-key") != KEY:
            return Answer(401)
        asked.append((question.method, question.path, dict(question.query)))
        if question.method == "GET":
            return Answer(body=json.dumps({"data": ROWS[question.path], "total": 1}).encode())
        return Answer(204)

    with answering(answer) as url:
        yield url


def _tell(url: str, path: str, key: str = KEY):
    return tell({"url": url, "key": key, "path": path}, None, None)  # type: ignore[arg-type]


def test_a_film_is_scanned(bazarr, asked):
    assert _tell(bazarr, "/films/A (2020)/A.mkv") == {"found": True}
    assert asked[-1] == ("PATCH", "/api/movies", {"radarrid": "7", "action": "scan-disk"})


def test_a_show_is_scanned(bazarr, asked):
    assert _tell(bazarr, "/tv/Show/Season 1/S01E01.mkv") == {"found": True}
    assert asked[-1] == ("PATCH", "/api/series", {"seriesid": "4", "action": "scan-disk"})


def test_what_it_does_not_know_is_no_failure(bazarr, asked):
    assert _tell(bazarr, "/tv/Other/S01E01.mkv") == {"found": False}
    assert {method for method, _, _ in asked} == {"GET"}


def test_a_wrong_key_is_told(bazarr):
    with pytest.raises(Refused):
        _tell(bazarr, VIDEO, "wrong")


def test_when_it_is_away():
    with nobody() as url, pytest.raises(ServiceDown):
        _tell(url, VIDEO)


WANTED = {"bazarr_provider_enabled": True, "bazarr_own_key": KEY}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {**WANTED, "bazarr_own_key": ""},
        {**WANTED, "bazarr_url": ""},
        {**WANTED, "bazarr_provider_enabled": False},
        {**WANTED, "provider_callback_enabled": False},
    ],
)
def test_it_is_told_only_where_that_is_wanted(settings):
    callbacks = Callbacks(lambda: SubtitlesSettings(**settings), "x:y")
    assert callbacks.jobs_after_writing(VIDEO) == []
    assert len(Callbacks(lambda: SubtitlesSettings(**WANTED), "x:y").jobs_after_writing(VIDEO)) == 1


def _room(database, settings):
    kinds: dict[str, JobKind] = {}
    queue = JobQueue(database, EventBus(), kinds, lambda: None)
    callbacks = Callbacks(lambda: settings, "x:y")
    kinds.update((kind.name, kind) for kind in callbacks.kinds())
    return queue, callbacks, kinds["tell_bazarr"]


def test_the_message_names_the_file_as_bazarr_does(database):
    mapping = {"path_mapping_from": "/tv", "path_mapping_to": "/media/tv"}
    settings = SubtitlesSettings(**WANTED, use_path_mapping=True, **mapping)
    queue, callbacks, kind = _room(database, settings)
    wish = queue.enqueue(callbacks.jobs_after_writing(VIDEO)[0])
    job = queue.get_job(wish.job_id)
    assert KEY not in json.dumps(dict(job.payload))
    with database.read() as connection:
        message = kind.prepare(connection, job)
    assert message["path"] == "/tv/Show/Season 1/S01E01.mkv"
    assert (message["url"], message["key"]) == ("http://bazarr:6767", KEY)


@pytest.mark.parametrize(("code", "number", "goes_on"), [
    ("unavailable", 1, True), ("unavailable", TRIES, False), ("refused", 1, False),
])  # fmt: skip
def test_it_is_told_again_after_a_while(database, code, number, goes_on):
    settings = SubtitlesSettings(**WANTED, provider_polling_interval=45)
    queue, callbacks, kind = _room(database, settings)
    (new,) = callbacks.jobs_after_writing(VIDEO)
    wish = queue.enqueue(type(new)(new.kind, {**new.payload, "try": number}))
    before = now_s()
    with database.write() as tx:
        again = kind.failed(tx, queue.get_job(wish.job_id), code, "It is away.").jobs
    if not goes_on:
        assert list(again) == []
        return
    (next_try,) = again
    assert next_try.payload["try"] == number + 1
    assert next_try.run_at is not None
    assert before + 44 < next_try.run_at < now_s() + 46
    assert Path(str(next_try.payload["video"])) == Path(VIDEO)
