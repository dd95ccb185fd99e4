"""The scanner's face: scans by hand, by the clock and by watching, and a look into one file."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import Forbidden, Invalid, NotFound, Refused
from mediant.events.bus import EventBus
from mediant.jobs.job import Enqueued, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.jobs.schedule import Schedules
from mediant.kernel.paths import is_storable, is_within, real
from mediant.settings.stored import StoredSettings
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database
from mediant.subtitles.inspection.inspect import inspect_video, open_sandbox
from mediant.subtitles.inspection.video import ExternalSubtitle, Video
from mediant.subtitles.rule_store import read_rules
from mediant.subtitles.rules.match import Reason, explain
from mediant.subtitles.scanning import known, scan_rows
from mediant.subtitles.scanning.beside import Surroundings
from mediant.subtitles.scanning.judge import Judge, Judgement
from mediant.subtitles.scanning.known import Inspected
from mediant.subtitles.scanning.scan_jobs import (
    DRY_KEY,
    KEY,
    SCAN,
    WATCH_KEY,
    WATCH_PRIORITY,
    ScanJobs,
)
from mediant.subtitles.scanning.scan_rows import WATCH, Scan
from mediant.subtitles.scanning.schedule import ScanSchedule, describe, schedule_line
from mediant.subtitles.scanning.watch import VideoWatch
from mediant.subtitles.settings_keys import SECTION
from mediant.subtitles.settings_listener import SettingsListener
from mediant.subtitles.standalone import require_standalone

NO_PATHS = "No folder is given, and `library_paths` is empty."


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """`*_enabled` is what was wished, `*_running` what is. Times are UTC epoch seconds."""

    scheduler_enabled: bool
    scheduler_running: bool
    next_scan_time: float | None
    watcher_enabled: bool
    watcher_running: bool
    watched_paths: tuple[str, ...]
    last_scan_time: float | None
    total_scans: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a file holds, what lies beside it, and what a scan would make of it."""

    video: Video
    external: tuple[ExternalSubtitle, ...]
    judgement: Judgement
    """The first rule that fits, and either the job or the reason against it."""
    reasons: tuple[tuple[str, tuple[Reason, ...]], ...]
    """Of each enabled rule, in their order: its name, and what becomes of its conditions."""


class Scanner:
    """Looks through folders, now or later."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        stored: StoredSettings,
        schedules: Schedules,
        bus: EventBus,
    ) -> None:
        """Nothing runs before `start`."""
        self._database = database
        self._queue = queue
        self._stored = stored
        self._schedule = ScanSchedule(schedules)
        self._watch = VideoWatch(self._scan_watched)
        self._jobs = ScanJobs(lambda: self._settings)
        self._listener = SettingsListener(bus, "scanner", self.follow_settings)
        self._turn = threading.Lock()

    @property
    def _settings(self) -> SubtitlesSettings:
        return self._stored.current().subtitles

    def kinds(self) -> list[JobKind]:
        """The kinds of job of the scanner: `scan_videos` and `inspect_videos`."""
        return self._jobs.kinds()

    def start(self) -> None:
        """Do what was wished before, and follow the settings from now on."""
        self._listener.start()
        self.follow_settings()

    def stop(self) -> None:
        """End watching and following."""
        self._listener.stop()
        self._watch.stop()

    def follow_settings(self) -> None:
        """Let schedule and watch be what the settings want now."""
        with self._turn:
            self._schedule.follow(self._settings)
            if self._listener.is_listening:
                self._watch.follow(self._settings)

    # Scans

    def scan(
        self,
        paths: Sequence[str | Path] | None = None,
        recursive: bool = True,
        origin: str = "manual",
        *,
        dry_run: bool = False,
    ) -> Enqueued:
        """Ask for a scan of folders and files, by default of `library_paths`. Scans take turns.

        `dry_run`: it looks, keeps what it saw of the files, counts the jobs and queues none.
        Invalid without any path, or for one that is not absolute; Forbidden for one outside the
        library's folders where these are set; Refused while `operation_mode` lacks `standalone`.
        """
        settings = self._settings
        require_standalone(settings)
        asked = None if paths is None else [os.fspath(path) for path in paths]
        _check_paths(asked or settings.library_paths)
        for path in asked or ():
            confine(path, settings)
        payload = {"paths": asked or None, "is_recursive": recursive, "origin": origin}
        if dry_run:
            return self._queue.enqueue(NewJob(SCAN, {**payload, "dry_run": True}, DRY_KEY))
        return self._queue.enqueue(NewJob(SCAN, payload, dedup_key=KEY))

    def read_scan(self, job_id: int) -> Scan:
        """A scan's paths and counts so far; NotFound. It is over when `finished_at` is set."""
        with self._database.read() as connection:
            return scan_rows.read(connection, job_id)

    def status(self) -> ScannerStatus:
        """What is wished, what runs, and what was done."""
        settings, schedule, roots = self._settings, self._schedule.find(), self._watch.roots
        is_running = schedule is not None and schedule.enabled
        with self._database.read() as connection:
            n, last = scan_rows.count_scans(connection)
        return ScannerStatus(
            scheduler_enabled=settings.auto_scan_enabled,
            scheduler_running=is_running,
            next_scan_time=schedule.next_run if schedule is not None and is_running else None,
            watcher_enabled=settings.watcher_enabled,
            watcher_running=bool(roots),
            watched_paths=tuple(roots),
            last_scan_time=last,
            total_scans=n,
        )

    # By the clock

    def start_schedule(
        self,
        cron: str | None = None,
        paths: Sequence[str | Path] | None = None,
        recursive: bool = True,
    ) -> str:
        """Let scans come by the clock; when, for people: `every 360 minutes`.

        `cron` goes before the settings, until the schedule is started without it. Invalid for a
        bad cron line or without paths, Refused while the scanner is switched off, Forbidden for
        paths outside the library.
        """
        self._check_switch()
        given = self._check_given(paths)
        self._change(
            auto_scan_enabled=True,
            scheduled_cron=cron or None,
            scheduled_paths=given or None,
            scheduled_recursive=recursive,
        )
        return describe(schedule_line(self._settings))

    def stop_schedule(self) -> None:
        """No more scans by the clock. One that runs goes on."""
        self._change(auto_scan_enabled=False)

    # By watching

    def start_watch(
        self, paths: Sequence[str | Path] | None = None, recursive: bool = True
    ) -> list[str]:
        """Take up new files as they come; the folders that are watched.

        First everything is looked through once, for what came while nothing watched. Errors as for
        `start_schedule`.
        """
        self._check_switch()
        given = self._check_given(paths)
        self._change(watcher_enabled=True, watched_paths=given or None, watched_recursive=recursive)
        return self._watch.roots

    def stop_watch(self) -> None:
        """Watch no more."""
        self._change(watcher_enabled=False)

    # One file

    def analyse(self, path: str | Path) -> Analysis:
        """What a file holds and what a scan would make of it; nothing is queued.

        NotFound, Invalid for what is no file, Forbidden outside the library's folders where these
        are set, MediaError for what cannot be read.
        """
        settings, name = self._settings, os.fspath(path)
        _check_paths([name])
        confine(name, settings)
        stat = _stat(name)
        with self._database.read() as connection:
            look = known.read_inspections(connection, [name]).get(name)
        if look is None or look.video is None or not look.is_of(*stat):
            with open_sandbox() as sandbox:
                video = inspect_video(name, sandbox)
            look = Inspected(name, video.size, video.mtime_ns, video)
            with self._database.write() as tx:
                known.write_inspections(tx, [look])
        return self._judge(look, settings)

    def _judge(self, look: Inspected, settings: SubtitlesSettings) -> Analysis:
        assert look.video is not None
        beside = Surroundings(settings.library_paths).of(look.path)
        with self._database.read() as connection:
            rules = read_rules(connection)
            written = known.read_written(connection, [look.path])
            times = {look.path: (look.size, look.mtime_ns)}
            judge = Judge(rules, settings, written, known.read_spoken(connection, times))
        told = judge.tell_language(look.video)
        return Analysis(
            look.video,
            beside.external,
            judge.judge(look.video, beside),
            tuple((rule.name, explain(rule, told, beside.external)) for rule in rules),
        )

    def _scan_watched(
        self, paths: Sequence[str], is_recursive: bool, is_only_new: bool, settle_s: float | None
    ) -> None:
        wish: dict[str, Any] = {"paths": list(paths), "is_recursive": is_recursive}
        wish |= {"only_new": True} if is_only_new else {}
        wish |= {"settle_s": settle_s} if settle_s else {}
        wish["origin"] = WATCH
        is_news = settle_s is None
        self._queue.enqueue(NewJob(SCAN, wish, WATCH_KEY, WATCH_PRIORITY, is_news=is_news))

    def _change(self, **values: Any) -> None:
        self._stored.change({f"{SECTION}.{key}": value for key, value in values.items()})
        self.follow_settings()

    def _check_switch(self) -> None:
        settings = self._settings
        if not settings.scanner_enabled:
            text = "The scanner is switched off."
            raise Refused(text, remedy="Run: mediant settings set subtitles.scanner_enabled true")
        require_standalone(settings)

    def _check_given(self, paths: Sequence[str | Path] | None) -> list[str]:
        given = [os.fspath(path) for path in paths or ()]
        _check_paths(given or self._settings.library_paths)
        for path in given:
            confine(path, self._settings)
        return given


def confine(path: str | Path, settings: SubtitlesSettings) -> None:
    """Raise Forbidden for a path that leads out of `library_paths`, where these are set."""
    roots = [real(root) for root in settings.library_paths]
    if roots and not any(is_within(real(path), root) for root in roots):
        text = "It lies outside the library's folders."
        remedy = "Add its folder to the setting `library_paths`."
        raise Forbidden(text, asset=os.fspath(path), remedy=remedy)


def _check_paths(paths: Sequence[str]) -> None:
    if not paths:
        raise Invalid(NO_PATHS)
    for path in paths:
        if not path.startswith("/") or not is_storable(path):
            raise Invalid("An absolute path in UTF-8 is needed.", asset=ascii(path))


def _stat(path: str) -> tuple[int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116 (text in)
    except (FileNotFoundError, NotADirectoryError) as lost:
        raise NotFound("There is no such file.", asset=path) from lost
    except OSError as closed:
        raise Invalid(f"It cannot be read ({closed.strerror}).", asset=path) from closed
    if (stat.st_mode & 0o170000) != 0o100000:
        raise Invalid("This is not a file.", asset=path)
    return stat.st_size, stat.st_mtime_ns
