"""Hooks become jobs, and written subtitles become news for media servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from mediant.errors import Refused
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.jobs.queue import JobQueue
from mediant.settings.media_servers import MediaServersSettings
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.tell.asked import jobs_for_videos
from mediant.subtitles.tell.folder import check_folder, list_videos
from mediant.subtitles.tell.hook import Heeded, HookNews
from mediant.subtitles.tell.items import find_item, remember_item
from mediant.subtitles.tell.server import SERVERS
from mediant.subtitles.tell.server import Connection as ServerConnection
from mediant.subtitles.transcribe.places import to_ours, to_theirs
from mediant.subtitles.transcribe.wish import Wish
from mediant.subtitles.transcribe.written import Written

LOOK_UP, TELL = "look_up_item", "tell_subtitle"
TRIES = 5


@dataclass(frozen=True, slots=True)
class WrittenNews:
    """A subtitle that was written."""

    event: Literal["transcribed", "translated"]
    video: Path
    subtitle: Path
    language: str


def news_of(written: Written) -> WrittenNews:
    """What is told of a new file."""
    is_same = written.language == written.source_language
    event: Literal["transcribed", "translated"] = "transcribed" if is_same else "translated"
    return WrittenNews(event, Path(written.video), Path(written.path), written.language)


class Telling:
    """What is heeded, and who is told. `run_look_up` and `run_tell` name the work in the worker."""

    def __init__(
        self,
        queue: JobQueue,
        servers: Callable[[], MediaServersSettings],
        settings: Callable[[], SubtitlesSettings],
        *,
        run_look_up: str,
        run_tell: str,
    ) -> None:
        self._queue = queue
        self._servers = servers
        self._settings = settings
        self._run_look_up = run_look_up
        self._run_tell = run_tell

    def kinds(self) -> list[JobKind]:
        """The two kinds of job."""
        return [
            JobKind(
                LOOK_UP,
                run=self._run_look_up,
                lane="io",
                max_tries=TRIES,
                prepare=self._prepare_look_up,
                commit=self._commit_look_up,
            ),
            JobKind(
                TELL, run=self._run_tell, lane="io", max_tries=TRIES, prepare=self._prepare_tell
            ),
        ]

    def heed(self, news: HookNews) -> Heeded:
        """Enqueue what a hook asks for.

        Raises `Refused` when the media server that would have to be asked is not configured.
        """
        if not self._settings().is_standalone:
            return Heeded(reason=_BAZARR_ONLY)
        if news.is_playback and not self._servers().heed_playback:
            return Heeded(reason="A playback is heeded only with media_servers.heed_playback.")
        if news.server is not None and news.item_id is not None and not news.paths:
            self._connection(news.server)
            payload = {"server": news.server, "item_id": news.item_id, "origin": news.origin}
            key = f"{news.server}|{news.item_id}"
            return Heeded([self._queue.enqueue(NewJob(LOOK_UP, payload, key))])
        paths = [to_ours(path, self._settings()) for path in news.paths]
        if not all(path.is_absolute() for path in paths):
            return Heeded(reason=_FOREIGN)
        with self._queue.journal.change() as change:
            if len(paths) == 1 and news.server is not None and news.item_id is not None:
                remember_item(change.tx, news.server, news.item_id, paths)
            wishes = self._jobs_for(change.tx, paths)
        return self._enqueue(wishes, _NOTHING_ASKED if paths else "It names no file.")

    def heed_folder(self, folder: str, language: str | None) -> Heeded:
        """Have the rules look at a folder; with a language transcribe all its videos, taken to be
        spoken in it. Raises `Invalid`, `NotFound` and `Forbidden`."""
        settings = self._settings()
        if not settings.is_standalone:
            return Heeded(reason=_BAZARR_ONLY)
        path = check_folder(to_ours(folder, settings), settings)
        if not language:
            with self._queue.journal.change() as change:
                wishes = jobs_for_videos(change.tx, [path], settings, self._servers(), is_deep=True)
            return self._enqueue(wishes)
        return self._enqueue(
            [
                Wish(video, language, source_language=language, is_manual=False).new_job(settings)
                for video in list_videos(path)
            ],
            "There is no video in it.",
        )

    def jobs_after_writing(self, news: WrittenNews) -> list[NewJob]:
        """A job for each that is to be told; none when nothing is configured."""
        servers = self._servers()
        told: list[str] = [name for name in SERVERS if servers.address_of(name)[0]]
        told += ["completion"] if servers.completion_url else []
        payload = {
            "event": news.event,
            "video": str(news.video),
            "subtitle": str(news.subtitle),
            "language": news.language,
        }
        return [NewJob(TELL, {**payload, "to": to}, f"{to}|{news.subtitle}") for to in told]

    def _prepare_look_up(self, _tx: Connection, job: Job) -> Payload:
        connection = self._connection(job.payload["server"])
        return {"item_id": job.payload["item_id"], "connection": connection.to_dict()}

    def _commit_look_up(self, tx: Connection, job: Job, result: Result) -> Committed:
        files = result["files"]
        paths = [to_ours(path, self._settings()) for path in files]
        remember_item(tx, job.payload["server"], job.payload["item_id"], paths)
        jobs = self._jobs_for(tx, paths)
        summary = {"files": len(files), "enqueued": len(jobs)}
        note = {} if jobs else {"note": _NOTHING_ASKED if files else "The item has no file."}
        return Committed(jobs=jobs, summary={**summary, **note})

    def _prepare_tell(self, tx: Connection, job: Job) -> Payload:
        """Addresses and tokens are read now: they never stand in a row."""
        payload = job.payload
        if payload["to"] == "completion":
            news = {name: payload[name] for name in ("event", "subtitle", "language")}
            url = self._servers().completion_url
            if not url:
                raise Refused("The completion webhook is not configured any more.")
            return {"to": "completion", "url": url, "news": {**news, "file": payload["video"]}}
        video = Path(payload["video"])
        return {
            "to": payload["to"],
            "connection": self._connection(payload["to"]).to_dict(),
            "item_id": find_item(tx, payload["to"], video),
            "path": str(to_theirs(video, self._settings())),
        }

    def _enqueue(self, wishes: Sequence[NewJob], why_none: str = "") -> Heeded:
        if not wishes:
            return Heeded(reason=why_none or _NOTHING_ASKED)
        return Heeded(self._queue.enqueue_many(wishes))

    def _jobs_for(self, tx: Connection, paths: Sequence[Path]) -> list[NewJob]:
        return jobs_for_videos(tx, paths, self._settings(), self._servers())

    def _connection(self, server: str) -> ServerConnection:
        if server not in SERVERS:
            raise Refused("There is no such media server.", asset=server)
        url, token = self._servers().address_of(server)
        if not url or not token.get_secret_value():
            raise Refused(
                "The media server is not configured.",
                asset=server,
                remedy="Set its address and its token in the section `media_servers`.",
            )
        return ServerConnection(server, url, token)


_FOREIGN = "Its path is none of this machine: see the setting `use_path_mapping`."
_BAZARR_ONLY = "This server works for Bazarr only: `operation_mode` lacks `standalone`."
_NOTHING_ASKED = "No scan rule is enabled, and media_servers.hook_target_language is empty."
