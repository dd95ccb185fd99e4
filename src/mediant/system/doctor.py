"""The doctor: looks for what is wrong or soon will be, and says what to do."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.kernel.clock import now_s
from mediant.kernel.units import format_duration, format_size
from mediant.library.libraries import LibraryEntry
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.models.recipes import find_recipe
from mediant.settings import Settings
from mediant.store import Database
from mediant.store.schema_events import event

Level = Literal["ok", "warning", "error"]

INOTIFY = Path("/proc/sys/fs/inotify/max_user_watches")
MEGABYTE = 1024 * 1024
LOW_FACTOR = 4
"""A warning comes at this multiple of the free space below which no job starts."""
CLOCK_SLACK_S = 120.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the doctor: what was looked at, how it is, what to do about it."""

    check: str
    level: Level
    text: str
    asset: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What the doctor looks at."""

    settings: Settings
    database: Database
    models: Models
    library: Library


Check = Callable[[Patient], Iterator[Finding]]


def examine(patient: Patient) -> list[Finding]:
    """Every check, in the order of the table. A check that cannot run is a finding itself."""
    found = []
    for name, check in CHECKS:
        try:
            found += list(check(patient))
        except (OSError, MediantError, SQLAlchemyError) as failed:
            sentence = f"This could not be checked: {failed}"
            found.append(Finding(name, "error", sentence))
    return found


def check_config_folder(patient: Patient) -> Iterator[Finding]:
    """Everything that Mediant keeps lies there."""
    folder = patient.settings.config_dir
    if os.access(folder, os.W_OK | os.X_OK):
        yield Finding("config folder", "ok", "It can be written.", str(folder))
    else:
        remedy = f"Give user {os.getuid()} the right to write there."
        yield Finding("config folder", "error", "It cannot be written.", str(folder), remedy)


def check_database(patient: Patient) -> Iterator[Finding]:
    """Whether the database answers and its pages are sound."""
    database = patient.database
    with database.read() as connection:
        if database.dialect != "sqlite":
            connection.execute(text("SELECT 1"))
            yield Finding("database", "ok", "PostgreSQL answers.")
            return
        faults = connection.execute(text("PRAGMA quick_check(5)")).scalars().all()
    if faults == ["ok"]:
        yield Finding("database", "ok", "It is sound.", str(database.path))
    else:
        remedy = "Stop the server and put a file of `backups` in its place."
        sentence = f"It is damaged: {'; '.join(str(fault) for fault in faults)}."
        yield Finding("database", "error", sentence, str(database.path), remedy)


def check_free_space(patient: Patient) -> Iterator[Finding]:
    """Below the limit of the settings no job starts."""
    folder = patient.settings.config_dir
    free = shutil.disk_usage(folder).free
    limit = patient.settings.jobs.free_space_mb * MEGABYTE
    sentence = f"{format_size(free)} are free."
    if free < limit:
        remedy = f"Make room: no job starts below {format_size(limit)}."
        yield Finding("free space", "error", sentence, str(folder), remedy)
    elif free < LOW_FACTOR * limit:
        yield Finding("free space", "warning", sentence, str(folder), "Make room soon.")
    else:
        yield Finding("free space", "ok", sentence, str(folder))


def check_models(patient: Patient) -> Iterator[Finding]:
    """Whether there is a network at all, and whether each is what it was."""
    suite = patient.models.suite()
    if not suite.backbones:
        sentence = "No network is installed, so that no track can be analysed."
        remedy = "Run: mediant models pull"
        yield Finding("models", "error", sentence, str(suite.folder), remedy)
    for result in patient.models.verify():
        if result.is_sound:
            yield Finding("models", "ok", result.text, result.name)
        else:
            remedy = f"Run: mediant models pull {result.name}"
            if find_recipe(result.name) is None:
                remedy = "Remove or correct this file."
            yield Finding("models", "error", result.text, result.name, remedy)


def check_roots(patient: Patient) -> Iterator[Finding]:
    """Whether each library's folder is there, readable, and writable where tags are written."""
    libraries = patient.library.list_libraries()
    if not libraries:
        remedy = "Add one: mediant libraries add FOLDER"
        yield Finding("libraries", "warning", "There is no library yet.", remedy=remedy)
    for entry in libraries:
        yield _look_at_root(entry)


def _look_at_root(entry: LibraryEntry) -> Finding:
    root = str(entry.root_path)
    name = f"library {entry.name}"
    if not entry.root_path.is_dir():
        remedy = "Mount the disk. Nothing is forgotten meanwhile."
        return Finding(name, "error", "The folder is not there.", root, remedy)
    if not os.access(root, os.R_OK | os.X_OK):
        remedy = f"Give user {os.getuid()} the right to read it."
        return Finding(name, "error", "The folder cannot be read.", root, remedy)
    if entry.write_mode != "none" and not os.access(root, os.W_OK):
        remedy = "Give the right to write, or set the write mode to `none`."
        return Finding(name, "error", "Tags cannot be written there.", root, remedy)
    if entry.scan_state == "failed":
        return Finding(name, "warning", f"The last scan failed: {entry.scan_error}", root)
    return Finding(name, "ok", "The folder is there.", root)


def check_watches(patient: Patient) -> Iterator[Finding]:
    """The kernel limits how many folders may be watched."""
    watched = [one for one in patient.library.list_libraries() if one.watch_mode == "event"]
    if not watched or not INOTIFY.is_file():
        return
    limit = int(INOTIFY.read_text())
    folders = sum(_count_folders(entry.root_path, limit) for entry in watched)
    sentence = f"{folders} folders are watched; the kernel allows {limit}."
    if folders < limit:
        yield Finding("watching", "ok", sentence)
    else:
        remedy = "Raise fs.inotify.max_user_watches, or set the watch mode to `poll`."
        yield Finding("watching", "error", sentence, remedy=remedy)


def _count_folders(root: Path, limit: int) -> int:
    """Folders below a root, counted up to the limit."""
    count = 0
    for _folder, _names, _files in os.walk(root):
        count += 1
        if count > limit:
            break
    return count


def check_clock(patient: Patient) -> Iterator[Finding]:
    """A clock that was set back breaks schedules and sessions."""
    with patient.database.read() as connection:
        newest = connection.execute(select(func.max(event.c.ts))).scalar()
    ahead = (newest or 0) - now_s()
    if ahead > CLOCK_SLACK_S:
        sentence = f"The newest event lies {format_duration(ahead)} in the future."
        remedy = "Set this machine's clock, by NTP if you can."
        yield Finding("clock", "error", sentence, remedy=remedy)
    else:
        yield Finding("clock", "ok", "It agrees with the newest event.")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("config folder", check_config_folder),
    ("database", check_database),
    ("free space", check_free_space),
    ("models", check_models),
    ("libraries", check_roots),
    ("watching", check_watches),
    ("clock", check_clock),
)
