"""The doctor: looks for what is wrong or soon will be, and says what to do."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from mediant.errors import MediantError
from mediant.kernel.clock import now_s
from mediant.kernel.units import format_duration, format_size
from mediant.kernel.zones import get_zone, machine_zone, server_zone
from mediant.library.libraries import SCAN, LibraryEntry
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.settings import Settings
from mediant.settings.entries import list_shadowed
from mediant.settings.stored import StoredSettings
from mediant.store import Database
from mediant.store.schema_events import event
from mediant.store.schema_jobs import job

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
    stored: StoredSettings
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
    """Below the limit of the settings no job starts. Where files are written it has to hold a
    second copy of the largest for a moment."""
    limit = patient.settings.jobs.free_space_mb * MEGABYTE
    stop = f"Make room: no job starts below {format_size(limit)}."
    yield _look_at_space(patient.settings.config_dir, limit, stop)
    for folder in _written_folders(patient):
        yield _look_at_space(folder, limit, "Make room: new files are written here.")


def _written_folders(patient: Patient) -> Iterator[Path]:
    """The folders of libraries that are written to, and of videos that get subtitles; those that
    are not there are somebody else's finding."""
    libraries = [one.root_path for one in patient.library.list_libraries() if _is_written(one)]
    videos = [Path(path) for path in patient.stored.current().subtitles.library_paths]
    yield from (folder for folder in dict.fromkeys([*libraries, *videos]) if folder.is_dir())


def _is_written(entry: LibraryEntry) -> bool:
    return entry.write_mode != "none"


def _look_at_space(folder: Path, limit: int, remedy: str) -> Finding:
    free = shutil.disk_usage(folder).free
    sentence = f"{format_size(free)} are free."
    if free < limit:
        return Finding("free space", "error", sentence, str(folder), remedy)
    if free < LOW_FACTOR * limit:
        return Finding("free space", "warning", sentence, str(folder), "Make room soon.")
    return Finding("free space", "ok", sentence, str(folder))


def check_settings(patient: Patient) -> Iterator[Finding]:
    """Whether each stored setting can be used, and each line of mediant.yaml is in force: a stored
    value beats it unseen."""
    for one in patient.stored.list_unfit():
        level: Level = "error" if one.is_known else "warning"
        yield Finding("settings", level, one.text, f"setting {one.name}", one.remedy)
    beaten = list_shadowed(patient.stored)
    for name, value in beaten.items():
        sentence = f"mediant.yaml says {value!r}, but a value stored at run time is in force."
        remedy = f"To let the file decide, run: mediant settings reset {name}"
        yield Finding("settings", "warning", sentence, f"setting {name}", remedy)
    if not beaten:
        yield Finding("settings", "ok", "No line of mediant.yaml is beaten by a stored value.")


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
            if not result.is_pullable:
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
        yield from _look_at_unread(patient.database, entry)


def _look_at_unread(database: Database, entry: LibraryEntry) -> Iterator[Finding]:
    """What the last scan of the whole library could not read."""
    mine = job.c.kind == SCAN, job.c.dedup_key == str(entry.id), job.c.state == "done"
    newest = select(job.c.result).where(*mine).order_by(job.c.id.desc()).limit(1)
    with database.read() as connection:
        result = json.loads(connection.scalar(newest) or "{}")
    paths = result.get("unread_paths", [])
    if not result.get("unread"):
        return
    others = result["unread"] - len(paths)
    more = f" and {others} more" if others > 0 else ""
    sentence = f"The last scan could not read {', '.join(paths) or 'a folder'}{more}."
    remedy = f"Give user {os.getuid()} the right to read it, then run: mediant scan {entry.id}"
    yield Finding(f"library {entry.name}", "warning", sentence, str(entry.root_path), remedy)


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


def check_zone(patient: Patient) -> Iterator[Finding]:
    """Without a name for the machine's zone cron lines go by UTC, hours beside the clock."""
    wished, tz = patient.settings.timezone, os.environ.get("TZ")
    zone = server_zone(wished, tz)
    now = datetime.fromtimestamp(now_s(), get_zone(zone))
    sentence = f"Cron lines go by {zone}, where it is {now:%H:%M} ({now:%z})."
    if wished or machine_zone(tz) is not None:
        yield Finding("time zone", "ok", sentence)
    else:
        remedy = "Set `timezone` to a name such as Europe/Berlin."
        sentence = f"This machine's has no name. {sentence}"
        yield Finding("time zone", "warning", sentence, remedy=remedy)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("config folder", check_config_folder),
    ("settings", check_settings),
    ("database", check_database),
    ("free space", check_free_space),
    ("models", check_models),
    ("libraries", check_roots),
    ("watching", check_watches),
    ("clock", check_clock),
    ("time zone", check_zone),
)
