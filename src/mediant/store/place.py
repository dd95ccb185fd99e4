"""The place of the SQLite file: whether what lies there is still what was opened."""

import os
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

from mediant.errors import Busy

_REMEDY = "Put the file back to its place, or start the server again."


class DatabaseGone(Busy):
    """The database file is not at its place any more.

    What is written to a file without a name is lost with the process, so that nothing is. It is a
    kind of `Busy`, because all is well again when the file is put back.
    """

    code = "database_gone"


class Place:
    """Remembers which file was opened first at a path, and notices when another one lies there.

    Only the first connection may make the file. A later one that made it anew would give the
    server an empty database beside the one that its other connections still hold.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._opened: tuple[int, int] | None = None

    def connect(self, filename: str, **options: object) -> sqlite3.Connection:
        """A connection to the file. Raises `DatabaseGone`."""
        with self._guard:
            if self._opened is None:
                connection = _connect(filename, "rwc", options)
                self._opened = self._look()
                return connection
        self.check()
        return _connect(filename, "rw", options)

    def check(self) -> None:
        """Raise `DatabaseGone` unless the file that was opened still lies there."""
        if self._opened is None:
            return
        there = self._look()
        if there == self._opened:
            return
        if there is None:
            text = "The database file is gone from its place."
        else:
            text = "Another file lies in the place of the database that was opened."
        raise DatabaseGone(text, asset=self._path.name, remedy=_REMEDY)

    def _look(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 (hot path: before every transaction)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _connect(filename: str, mode: str, options: dict[str, object]) -> sqlite3.Connection:
    address = f"file:{quote(filename)}?mode={mode}"
    connection: sqlite3.Connection = sqlite3.connect(address, **{**options, "uri": True})  # type: ignore[call-overload]
    return connection
