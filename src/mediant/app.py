"""The composition root: settings become one `App` of rooms. The only place that wires."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from mediant.access import Access
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.queue import JobQueue
from mediant.jobs.schedule import Schedules
from mediant.jobs.wake import Wake
from mediant.library.libraries import LibraryEntry, OnChanged
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.settings import Settings, load_settings
from mediant.settings.folder import keep_private, make_config_folder
from mediant.settings.stored import Record, StoredSettings
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.owner import OwnerLock, own
from mediant.system.doctor import Patient
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
    schedules: Schedules
    models: Models
    library: Library
    tagging: Tagging
    calibrations: Calibrations
    analytics: Analytics
    navidrome: Navidrome
    access: Access
    system: System


@contextmanager
def open_app(overrides: Mapping[str, Any] | None = None, *, works: bool = True) -> Iterator[App]:
    """The application on its database, which it owns until the end of the block.

    `overrides` are the settings of the command line, as for `load_settings`; nothing beats them.
    The schema is brought up to date first. `works`: whether jobs run; without it they can be asked
    for and looked at. Raises `Invalid` for settings that make no sense, and `AlreadyOwned`,
    `NewerSchema` or `Refused` for a database that cannot be used.
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
        stored = StoredSettings(database, overrides, _tell_changes(bus, history))
        app = _assemble(Ground(stored, database, lock, bus, history), stack)
        if works:
            app.dispatcher.start()
            stack.callback(app.dispatcher.stop)
            app.library.start()
            stack.callback(app.library.stop)
        yield app


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rooms stand on."""

    stored: StoredSettings
    database: Database
    lock: OwnerLock
    bus: EventBus
    history: EventHistory


def _assemble(ground: Ground, stack: ExitStack) -> App:
    settings, database = ground.stored.load(), ground.database
    bus, history, wake = ground.bus, ground.history, Wake()
    stack.callback(wake.close)
    kinds: dict[str, JobKind] = {}
    queue = JobQueue(database, bus, kinds, wake)
    schedules = Schedules(database, kinds, wake)
    models = Models(settings.models_folder)
    library = Library(database, queue, settings.library, history, bus)
    folder = settings.config_dir / "calibration"
    calibrations = Calibrations(database, queue, settings.calibration, folder)
    rules = Rules(
        settings.jobs.max_tries,
        calibrations.current,
        awaits_calibration=settings.calibration.enabled,
    )
    tagging = Tagging(database, queue, library, models, settings.tagging, rules=rules)
    on_changed = _tag_what_changed(tagging, enabled=settings.library.auto_tag)
    scans = library.kinds(on_changed, keep_moved, tagging.sweep_jobs)
    room_kinds = (*scans, *tagging.kinds(), *calibrations.kinds(), *SYSTEM_KINDS)
    kinds.update((kind.name, kind) for kind in room_kinds)
    pool = LocalPool()
    dispatcher = Dispatcher(
        database,
        bus,
        queue,
        pool,
        settings.jobs,
        wake=wake,
        lock=ground.lock,
        schedules=schedules,
        folder=settings.config_dir,
    )
    system = System(
        patient=Patient(settings, database, models, library),
        queue=queue,
        dispatcher=dispatcher,
        history=history,
        bus=bus,
    )
    return App(
        settings=settings,
        stored=ground.stored,
        database=database,
        bus=bus,
        history=history,
        queue=queue,
        dispatcher=dispatcher,
        schedules=schedules,
        models=models,
        library=library,
        tagging=tagging,
        calibrations=calibrations,
        analytics=Analytics(database),
        navidrome=Navidrome(database, settings.tagging),
        access=Access(database, settings.access),
        system=system,
    )


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
