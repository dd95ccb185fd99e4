"""The library room's face: libraries, their files, scans, watching and path maps."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mediant.errors import Invalid, MediaError, NotFound, Refused
from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.job import Enqueued, NewJob
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import now_s
from mediant.kernel.paths import is_storable, real, to_relative
from mediant.library import files, path_maps
from mediant.library.diff import AWAY, Found
from mediant.library.files import FileEntry, LibraryStatistics
from mediant.library.forget_jobs import forget_kind
from mediant.library.homes import (
    adopt_loose,
    allowed_home,
    find_home,
    make_loose,
    read_real,
    target_of,
)
from mediant.library.libraries import (
    LOOSE_ROOT,
    SCAN,
    LibraryEntry,
    OnChanged,
    OnScanned,
    TellHindrance,
    check_fields,
    no_hindrance,
    no_jobs,
    no_sweep,
    read_libraries,
    read_library,
)
from mediant.library.match_jobs import MatchJobs
from mediant.library.moves import OnMoved, no_moves
from mediant.library.path_maps import PathMap
from mediant.library.recipes import Holdings, forgettable, read_holdings, still_undoable
from mediant.library.roots import check_root, new_root
from mediant.library.scan_jobs import ScanJobs
from mediant.library.settle import merge
from mediant.library.walk import Rules, Unread, Walk
from mediant.library.watch import Watcher
from mediant.settings.model import LibrarySettings
from mediant.store import Database
from mediant.store.schema_library import file, library, path_map


class Library:
    """What is in the user's media folders."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        settings: LibrarySettings,
        history: EventHistory,
        bus: EventBus,
    ) -> None:
        """Nothing runs before `start`."""
        self._database = database
        self._queue = queue
        self._settings = settings
        self._history = history
        self._bus = bus
        self._scans = ScanJobs(settings)
        self._watcher = Watcher(self._watched, self._scan_targets, settings)

    def kinds(
        self,
        on_changed: OnChanged = no_jobs,
        on_moved: OnMoved = no_moves,
        on_scanned: OnScanned = no_sweep,
        tell_hindrance: TellHindrance = no_hindrance,
    ) -> list[JobKind]:
        """The kinds of job of this room: `scan`, `match` and `forget`."""
        self._scans = ScanJobs(self._settings, on_changed, on_moved, on_scanned, tell_hindrance)
        match = MatchJobs(self._settings, on_changed, on_moved)
        return [self._scans.kind(), match.kind(), forget_kind()]

    def start(self) -> None:
        """Begin to watch the libraries that want it."""
        self._watcher.start()

    def stop(self) -> None:
        """End watching."""
        self._watcher.stop()

    # Libraries

    def add_library(
        self, name: str, root_path: str | Path, *, watch_mode: str = "off", write_mode: str = "none"
    ) -> LibraryEntry:
        """A new library. Single files below its root that were known before move into it.

        Raises Invalid for a bad mode, an empty name, or a root that is no folder or overlaps.
        """
        fields = {"name": name, "watch_mode": watch_mode, "write_mode": write_mode}
        check_fields(fields)
        with self._database.write() as tx:
            others = [(one.name, one.root_path) for one in read_libraries(tx)]
            root = new_root(root_path, others)
            now = now_s()
            values = {**fields, "root_path": str(root), "created_at": now, "updated_at": now}
            row = insert(library).values(**values).returning(library.c.id)
            entry = read_library(tx, int(tx.scalars(row).one()))
            adopt_loose(tx, entry)
            events = self._note(tx, entry, "added")
        self._bus.publish(events)
        return entry

    def list_libraries(self, enabled_only: bool = False) -> list[LibraryEntry]:
        """All libraries by name."""
        with self._database.read() as connection:
            return read_libraries(connection, enabled_only=enabled_only)

    def get_library(self, library_id: int) -> LibraryEntry:
        """One library; NotFound."""
        with self._database.read() as connection:
            return read_library(connection, library_id)

    def change_library(self, library_id: int, **fields: Any) -> LibraryEntry:
        """Change name, root_path, is_enabled, watch_mode or write_mode.

        With a new root the files keep their rows: it is the same library at another place.
        """
        check_fields(fields)
        with self._database.write() as tx:
            entry = read_real(tx, library_id)
            values = dict(fields)
            if "root_path" in values:
                others = [(o.name, o.root_path) for o in read_libraries(tx) if o.id != entry.id]
                values["root_path"] = str(new_root(values["root_path"], others))
            if "is_enabled" in values:
                values["is_enabled"] = int(values["is_enabled"])
            change = update(library).where(library.c.id == entry.id)
            tx.execute(change.values(**values, updated_at=now_s()))
            entry = read_library(tx, entry.id)
            events = self._note(tx, entry, "changed")
        self._bus.publish(events)
        return entry

    def read_holdings(self, library_id: int) -> Holdings:
        """What would be forgotten with a library; NotFound."""
        with self._database.read() as connection:
            return read_holdings(connection, read_real(connection, library_id).id)

    def remove_library(self, library_id: int, *, forget_undo: bool = False) -> None:
        """Forget a library and all that is known of its files. The files stay as they are.

        Refused while writes to its files can be undone, unless these may be forgotten, too.
        """
        entry = self.get_library(library_id)
        held = self.read_holdings(library_id)
        if held.undoable and not forget_undo:
            raise still_undoable(entry, held)
        removed = 1
        while removed:  # in steps, so that other writers get their turn
            with self._database.write() as tx:
                home = read_real(tx, library_id)
                removed = files.remove_some(tx, home.id, forgettable(forget_undo=forget_undo))
        with self._database.write() as tx:
            held = read_holdings(tx, library_id)
            if held.undoable and not forget_undo:  # written while the others were removed
                raise still_undoable(entry, held)
            tx.execute(delete(library).where(library.c.id == library_id))
            events = self._note(tx, entry, "removed")
        self._bus.publish(events)

    def statistics(self, library_id: int | None = None) -> LibraryStatistics:
        """Figures over all libraries, or one."""
        with self._database.read() as connection:
            return files.read_statistics(connection, library_id)

    # Scans

    def scan(
        self,
        library_id: int,
        *,
        paths: Sequence[str | Path] | None = None,
        force: bool = False,
        clean_missing: bool = False,
    ) -> Enqueued:
        """Enqueue a scan of a library, or of some of its files and folders (which may be gone).

        `force` offers unchanged files to the analysis again: it takes those without a current one.
        `clean_missing` forgets, at its end, what is missing where it walked, but for files whose
        writes can be undone. Raises Invalid for a path outside the root, Refused for a disabled
        library.
        """
        with self._database.read() as connection:
            entry = read_real(connection, library_id)
        if not entry.is_enabled:
            raise Refused("The library is disabled.", asset=entry.name)
        wish = {"force": force, **({"clean_missing": True} if clean_missing else {})}
        if paths is None:
            return self._enqueue(entry.id, None, **wish)
        targets = merge(target_of(entry, Path(path)) for path in paths)
        return self._enqueue(entry.id, None if "" in targets else targets, **wish)

    def list_direct(self, library_id: int, paths: Sequence[str | Path] | None = None) -> list[Path]:
        """The audio files that lie directly in these folders of a library (in its root, without
        them), or lay there when they were last seen: what a scan without subfolders looks at.

        Raises NotFound, and Invalid for a path outside the root.
        """
        with self._database.read() as connection:
            entry = read_real(connection, library_id)
            folders = [entry.root_path / target_of(entry, Path(path)) for path in paths or [""]]
            found = [files.list_direct(connection, entry, folder) for folder in folders]
        return [path for some in found for path in some]

    def count_scan(self, job_id: int) -> Mapping[str, int]:
        """What a scan of this server has counted so far: `added`, `changed`, `queued` ... files
        for the analysis."""
        return self._scans.count(job_id)

    def _scan_targets(
        self, library_id: int, targets: Sequence[str] | None, settle_s: float | None = None
    ) -> None:
        more = {"settle_s": settle_s} if settle_s else {}
        self._enqueue(library_id, targets, is_news=settle_s is None, **more)

    def _enqueue(
        self, library_id: int, targets: Sequence[str] | None, *, is_news: bool = False, **more: Any
    ) -> Enqueued:
        payload: dict[str, Any] = {"library_id": library_id, **more}
        key = str(library_id)
        if targets is not None:
            payload["paths"] = list(targets)
            key += ":" + blake2b("\0".join(targets).encode(), digest_size=12).hexdigest()
        return self._queue.enqueue(NewJob(SCAN, payload, dedup_key=key, is_news=is_news))

    def _watched(self) -> list[LibraryEntry]:
        return self.list_libraries(enabled_only=True)

    def purge_missing(self, library_id: int, *, forget_undo: bool = False) -> int:
        """Forget the missing files of a library; how many. Refused while its root is away.

        Those whose writes can be undone are kept, for the day on which they return, unless that
        may be forgotten, too.
        """
        entry = self.get_library(library_id)
        with self._database.read() as connection:
            there = (file.c.library_id == library_id, file.c.state.not_in(sorted(AWAY)))
            known = connection.scalar(select(func.count()).select_from(file).where(*there)) or 0
        check_root(entry.root_path, known)
        total, purged = 0, 1
        while purged:
            with self._database.write() as tx:
                purged = files.purge_some(tx, library_id, forgettable(forget_undo=forget_undo))
            total += purged
        return total

    # Files

    def list_files(
        self,
        library_id: int | None = None,
        *,
        state: str | None = None,
        after_id: int = 0,
        limit: int = 100,
        text: str | None = None,
    ) -> list[FileEntry]:
        """A page of files by id; the next one begins after the last id. `text` is sought in the
        relative path, whatever the case."""
        query = files.entries().where(file.c.id > after_id)
        if library_id is not None:
            # The sum keeps SQLite from sorting the whole library instead of walking its ids.
            query = query.where(file.c.library_id + 0 == library_id)
        if state is not None:
            query = query.where(file.c.state == state)
        if text:
            query = query.where(files.contains_text(text))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(file.c.id).limit(limit))
            return [files.to_entry(row) for row in rows]

    def get_file(self, file_id: int) -> FileEntry:
        """One file; NotFound."""
        with self._database.read() as connection:
            return files.read_file(connection, file_id)

    def find_file(self, path: str | Path) -> FileEntry | None:
        """The file at an absolute path, when it is known."""
        resolved = real(path)
        if not is_storable(str(resolved)):
            return None
        with self._database.read() as connection:
            entry = find_home(connection, resolved)
            if entry is None:
                return None
            return files.find_row(connection, entry.id, to_relative(resolved, entry.root_path))

    def register(self, path: str | Path) -> FileEntry:
        """The file at a path, looked at now and recorded as it stands.

        It belongs to the library that it lies in; without any library, to the hidden one for
        single files. Raises Forbidden when libraries exist and none contains it, MediaError when
        it is missing or unreadable, Invalid when it is no audio file by its name.
        """
        return self.register_many([path])[0]

    def register_many(self, paths: Sequence[str | Path]) -> list[FileEntry]:
        """The files at these paths, in order, as by `register`, but recorded in one transaction.

        All of them or, when one cannot be, none.
        """
        places = [real(path) for path in paths]
        with self._database.read() as connection:
            libraries = read_libraries(connection)
        homes = [allowed_home(libraries, place) for place in places]
        seen = [
            (home, files.look_at(place, home.root_path if home else Path(LOOSE_ROOT)))
            for home, place in zip(homes, places, strict=True)
        ]
        try:
            return self._record(seen)
        except IntegrityError:
            return self._record(seen)  # somebody recorded one at this very moment

    def _record(self, seen: Sequence[tuple[LibraryEntry | None, Found]]) -> list[FileEntry]:
        with self._database.write() as tx:
            ids = [files.record(tx, home or make_loose(tx), one) for home, one in seen]
            return [files.read_file(tx, file_id) for file_id in ids]

    def list_audio(self, path: str | Path) -> Iterator[Path]:
        """The audio files at or below a path, in order, by the rules of a scan.

        Raises Forbidden as `register` does, MediaError(`missing` or `unreadable`) for a path, or a
        folder below it, that cannot be read.
        """
        resolved = real(path)
        with self._database.read() as connection:
            allowed_home(read_libraries(connection), resolved)
        return self._walk(resolved) if files.is_folder(resolved) else iter([resolved])

    def _walk(self, folder: Path) -> Iterator[Path]:
        root = "" if folder == Path("/") else str(folder)
        for step in Walk(root, Rules(self._settings.ignore)).folder():
            if isinstance(step, Found):
                yield folder / step.path
            elif isinstance(step, Unread):
                raise MediaError("unreadable", step.text, asset=str(folder / step.span.start))

    # Path maps

    def list_path_maps(self) -> list[PathMap]:
        """All path maps by their side."""
        with self._database.read() as connection:
            return _read_maps(connection)

    def add_path_map(self, theirs: str, ours: str) -> PathMap:
        """Say that another program's folder `theirs` is our folder `ours`."""
        their_path, our_path = path_maps.check_map(theirs, ours)
        with self._database.write() as tx:
            if any(one.theirs == their_path for one in _read_maps(tx)):
                raise Invalid("This folder is mapped already.", asset=their_path)
            values = {"theirs": their_path, "ours": our_path}
            map_id = tx.scalars(insert(path_map).values(**values).returning(path_map.c.id)).one()
        return PathMap(int(map_id), their_path, our_path)

    def remove_path_map(self, map_id: int) -> None:
        """Forget a path map; NotFound."""
        with self._database.write() as tx:
            if not tx.execute(delete(path_map).where(path_map.c.id == map_id)).rowcount:
                raise NotFound("There is no such path map.", asset=str(map_id))

    def to_ours(self, path: str) -> Path:
        """Another program's absolute path as ours; unmapped paths are the same for both."""
        return Path(path_maps.to_ours(self.list_path_maps(), path))

    def to_theirs(self, path: str | Path) -> str:
        """Our absolute path as the other program knows it."""
        return str(path_maps.to_theirs(self.list_path_maps(), str(path)))

    def _note(self, tx: Connection, entry: LibraryEntry, what: str) -> list[Event]:
        body = {"library_id": entry.id, "name": entry.name, "change": what}
        return self._history.append(tx, [Event("library.changed", body)])


def _read_maps(connection: Connection) -> list[PathMap]:
    rows = connection.execute(select(path_map).order_by(path_map.c.theirs))
    return [PathMap(row.id, row.theirs, row.ours) for row in rows]
