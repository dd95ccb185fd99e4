"""SQL compiled once, for the paths on which every microsecond counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, text


class Statement:
    """One statement with `:name` parameters, in the words of one dialect.

    Running it through SQLAlchemy's own expression layer costs several times as much.
    """

    def __init__(self, dialect: Dialect, sql: str) -> None:
        compiled = text(sql).compile(dialect=dialect)
        self._sql = str(compiled)
        names = getattr(compiled, "positiontup", None)
        self._names: Sequence[str] | None = names or None
        self._is_positional = bool(dialect.positional)

    def run(self, tx: Connection, **parameters: Any) -> CursorResult[*tuple[Any, ...]]:
        """Execute it once."""
        return tx.exec_driver_sql(self._sql, self._bind(parameters))

    def run_many(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each row of parameters."""
        if len(rows) == 1:
            tx.exec_driver_sql(self._sql, self._bind(rows[0]))
        elif rows:
            tx.exec_driver_sql(self._sql, [self._bind(row) for row in rows])

    def _bind(self, parameters: Mapping[str, Any]) -> Any:
        if not self._is_positional:
            return parameters
        return tuple(parameters[name] for name in self._names or ())
