"""The composition root: settings become one `App` of rooms. The only place that wires."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from mediant.access import Access
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.dispatcher import Dispatcher, Surroundings
from mediant.jobs.hindrance import Hindrances
from mediant.jobs.job import NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.queue import JobQueue
from mediant.jobs.schedule import Schedules
from mediant.jobs.wake import Wake
from mediant.kernel.zones import server_zone
from mediant.library.libraries import LibraryEntry, OnChanged
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.settings import Settings, load_settings
from mediant.settings.folder import keep_private, make_config_folder
from mediant.settings.stored import Record, StoredSettings
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.owner import OwnerLock, own
from mediant.subtitles.jobs import SubtitleJobs
from mediant.subtitles.provider.callback import Callbacks
from mediant.subtitles.provider.provider import Places, Provider
from mediant.subtitles.room import Parts, Subtitles
from mediant.subtitles.rule_store import RuleStore
from mediant.subtitles.scanning.after_detection import jobs_after_detection
from mediant.subtitles.scanning.scanner import Scanner
from mediant.subtitles.setup import Setup
from mediant.subtitles.speech.engine import Finding
from mediant.subtitles.subtitle_settings import SubtitleSettings
from mediant.subtitles.tell import Telling, news_of
from mediant.subtitles.transcribe.results import Results
from mediant.subtitles.transcribe.written import Written
from mediant.subtitles.workers import SpeechWorkers, wish_lanes
from mediant.system.doctor import Patient
from mediant.system.event_log import EventLog
from mediant.system.resources import list_gpus
from mediant.system.system import KINDS as SYSTEM_KINDS
from mediant.system.system import System
from mediant.tagging.analytics import Analytics
from mediant.tagging.calibration.calibrations import Calibrations
from mediant.tagging.navidrome import Navidrome
from mediant.tagging.results import Rules
from mediant.tagging.room import Tagging
from mediant.tagging.rows import keep_moved


@dataclass(frozen=True, slots=True)
class App:
    """Every room of one running Mediant."""

    settings: Settings
    stored: StoredSettings
    database: Database
    bus: EventBus
    history: EventHistory
    queue: JobQueue
    dispatcher: Dispatcher
    hindrances: Hindrances
    schedules: Schedules
    models: Models
    library: Library
    tagging: Tagging
    calibrations: Calibrations
    analytics: Analytics
    navidrome: Navidrome
    subtitles: Subtitles
    telling: Telling
    access: Access
    system: System


@contextmanager
def open_app(
    overrides: Mapping[str, Any] | None = None, *, works: bool = True, mends: bool = False
) -> Iterator[App]:
    """The application on its database, which it owns until the end of the block.

    `overrides` are the settings of the command line, as for `load_settings`; nothing beats them.
    The schema is brought up to date first. `works`: whether jobs run; without it they can be asked
    for and looked at. `mends`: settings are to be looked at and changed, so that stored ones that
    this version forbids are left out; goes without `works`. Raises `Invalid` for settings that make
    no sense, and `AlreadyOwned`, `NewerSchema` or `Refused` for a database that cannot be used.
    """
    settings = load_settings(overrides)
    make_config_folder(settings.config_dir)
    with ExitStack() as stack:
        database = open_database(settings.database_address)
        stack.callback(database.close)
        keep_private(database.path)
        lock = stack.enter_context(own(database))
        upgrade(database, settings.config_dir / "backups")
        bus, history = EventBus(), EventHistory(database)
        stack.callback(bus.close)
        record = _tell_changes(bus, history)
        stored = StoredSettings(database, overrides, record, mends=mends and not works)
        app = _assemble(Ground(stored, database, lock, bus, history), stack)
        if works:
            log = EventLog(bus, lambda: stored.current().subtitles.debug)
            log.start()
            stack.callback(log.stop)
            app.dispatcher.start()
            stack.callback(app.dispatcher.stop)
            app.library.start()
            stack.callback(app.library.stop)
            app.subtitles.start()
            stack.callback(app.subtitles.stop)
        yield app


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rooms stand on."""

    stored: StoredSettings
    database: Database
    lock: OwnerLock
    bus: EventBus
    history: EventHistory


@dataclass(frozen=True, slots=True)
class Core:
    """The queue and who works it off."""

    kinds: dict[str, JobKind]
    queue: JobQueue
    schedules: Schedules
    dispatcher: Dispatcher

    def register(self, kinds: Iterable[JobKind]) -> None:
        """Kinds of job that a room declares."""
        self.kinds.update((kind.name, kind) for kind in kinds)


@dataclass(frozen=True, slots=True)
class Music:
    """The rooms of music."""

    library: Library
    tagging: Tagging
    calibrations: Calibrations


def _assemble(ground: Ground, stack: ExitStack) -> App:
    settings, database = ground.stored.current(), ground.database
    core = _make_core(ground, stack)
    models = Models(settings.models_folder)
    music = _make_music(ground, core, models)
    telling = _make_telling(ground, core)
    subtitles = _make_subtitles(ground, core, telling)
    core.register(SYSTEM_KINDS)
    system = System(
        patient=Patient(settings, ground.stored, database, models, music.library),
        queue=core.queue,
        dispatcher=core.dispatcher,
        history=ground.history,
        bus=ground.bus,
    )
    return App(
        settings=settings,
        stored=ground.stored,
        database=database,
        bus=ground.bus,
        history=ground.history,
        queue=core.queue,
        dispatcher=core.dispatcher,
        hindrances=Hindrances(database, core.queue, core.dispatcher),
        schedules=core.schedules,
        models=models,
        library=music.library,
        tagging=music.tagging,
        calibrations=music.calibrations,
        analytics=Analytics(database),
        navidrome=Navidrome(database, settings.tagging),
        subtitles=subtitles,
        telling=telling,
        access=Access(database, settings.access),
        system=system,
    )


def _make_core(ground: Ground, stack: ExitStack) -> Core:
    settings, wake = ground.stored.current(), Wake()
    stack.callback(wake.close)
    kinds: dict[str, JobKind] = {}
    queue = JobQueue(ground.database, ground.bus, kinds, wake)
    zone = server_zone(settings.timezone, os.environ.get("TZ"))
    schedules = Schedules(ground.database, kinds, wake, zone)
    around = Surroundings(
        lock=ground.lock,
        schedules=schedules,
        folder=settings.config_dir,
        lanes=lambda: wish_lanes(ground.stored.current().subtitles),
        find_fault=_find_fault,
    )
    dispatcher = Dispatcher(queue, LocalPool(), settings.jobs, wake, around)
    return Core(kinds, queue, schedules, dispatcher)


def _make_music(ground: Ground, core: Core, models: Models) -> Music:
    settings, database, queue = ground.stored.current(), ground.database, core.queue
    library = Library(database, queue, settings.library, ground.history, ground.bus)
    folder = settings.config_dir / "calibration"
    calibrations = Calibrations(database, queue, settings.calibration, folder)
    rules = Rules(
        settings.jobs.max_tries,
        calibrations.current,
        awaits_calibration=settings.calibration.enabled,
    )
    tagging = Tagging(database, queue, library, models, settings.tagging, rules=rules)
    on_changed = _tag_what_changed(tagging, enabled=settings.library.auto_tag)
    core.register(library.kinds(on_changed, keep_moved, tagging.sweep_jobs, tagging.tell_hindrance))
    core.register(tagging.kinds())
    core.register(calibrations.kinds())
    return Music(library, tagging, calibrations)


def _make_telling(ground: Ground, core: Core) -> Telling:
    stored, package = ground.stored, "mediant.integrations.media_servers"
    telling = Telling(
        core.queue,
        lambda: stored.current().media_servers,
        lambda: stored.current().subtitles,
        run_look_up=f"{package}:look_up",
        run_tell=f"{package}:tell",
    )
    core.register(telling.kinds())
    return telling


def _make_subtitles(ground: Ground, core: Core, telling: Telling) -> Subtitles:
    stored, database, queue = ground.stored, ground.database, core.queue

    def settings() -> SubtitlesSettings:
        return stored.current().subtitles

    def evaluate(tx: Connection, path: str, finding: Finding) -> Sequence[NewJob]:
        return jobs_after_detection(tx, path, finding, settings())

    def tell(_tx: Connection, written: Written) -> Sequence[NewJob]:
        news = telling.jobs_after_writing(news_of(written))
        return [*news, *callbacks.jobs_after_writing(written.video)]

    callbacks = Callbacks(settings, "mediant.integrations.bazarr.client:tell")
    core.register(callbacks.kinds())
    results = Results(settings, stored.current().models_folder, evaluate, tell)
    keys = SubtitleSettings(database, stored)
    core.register(results.kinds())
    scanner = Scanner(database, queue, stored, core.schedules, ground.bus)
    core.register(scanner.kinds())
    places = Places(stored.current().models_folder, stored.current().config_dir / "spool")
    provider = Provider(database, queue, ground.bus, settings, places)
    core.register(provider.kinds())
    parts = Parts(
        jobs=SubtitleJobs(database, queue, settings),
        rules=RuleStore(database),
        scanner=scanner,
        keys=keys,
        setup=Setup(stored, keys, queue),
        workers=SpeechWorkers(core.dispatcher),
        provider=provider,
    )
    return Subtitles(settings, parts)


def _find_fault(device: str) -> str | None:
    """Why no worker can be on a device like `cuda:1`."""
    number, there = int(device.partition(":")[2] or 0), len(list_gpus())
    if number < there:
        return None
    seen = "none is" if there == 0 else f"only {there} {'is' if there == 1 else 'are'}"
    return f"There is no GPU {number} here: {seen} seen."


def _tell_changes(bus: EventBus, history: EventHistory) -> Record:
    """How changed settings become an event: a row in their transaction, told after its commit."""

    def record(tx: Connection, names: Sequence[str]) -> Callable[[], None]:
        events = history.append(tx, [Event("settings.changed", {"names": list(names)})])
        return partial(bus.publish, events)

    return record


def _tag_what_changed(tagging: Tagging, *, enabled: bool) -> OnChanged:
    """What the library asks after a scan: which jobs do these new or changed files need?"""

    def find_jobs(
        tx: Connection, library: LibraryEntry, file_ids: Sequence[int]
    ) -> Sequence[NewJob]:
        return tagging.pending_jobs(tx, library.id, file_ids) if enabled else ()

    return find_jobs
