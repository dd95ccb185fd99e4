"""The history: a ring of the last day's events, kept with the rows that they tell about."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, delete, func, insert, select, text

from mediant.events.pattern import ALL, TopicPattern
from mediant.events.topics import Event
from mediant.kernel.clock import now_s
from mediant.store import Database
from mediant.store.schema_events import event as event_table

KEPT_S = 86_400.0

_PAGE = 1000
_CHUNK = 5000
_LOCK = 0x6D65_6469_616E_7402
"""PostgreSQL's advisory lock for the ids of events ("mediant", 2)."""


class EventHistory:
    """Events by their growing ids.

    Ids become visible in their order: whoever sees one sees every smaller one that will ever
    exist. SQLite has one writer anyway; on PostgreSQL appending transactions take turns from
    `append` to their commit.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, tx: Connection, events: Sequence[Event]) -> list[Event]:
        """Store events in the caller's transaction; the same events with `id` and `ts`.

        Call it last in the transaction, and publish on the bus after the commit.
        """
        if not events:
            return []
        if self._database.dialect == "postgresql":
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        now = now_s()
        rows = [
            {"ts": now, "topic": event.topic, "payload": json.dumps(dict(event.payload))}
            for event in events
        ]
        returning = insert(event_table).returning(event_table.c.id, sort_by_parameter_order=True)
        ids = tx.execute(returning, rows).scalars().all()
        return [replace(event, id=id_, ts=now) for event, id_ in zip(events, ids, strict=True)]

    def after(self, event_id: int, topics: Sequence[str] = ALL, limit: int = _PAGE) -> list[Event]:
        """Up to `limit` events of these topics with a greater id, in the order of ids."""
        pattern, found = TopicPattern(topics), list[Event]()
        with self._database.read() as connection:
            while len(found) < limit:
                page = _read_page(connection, event_id)
                found += [_to_event(row) for row in page if row.topic in pattern]
                if len(page) < _PAGE:
                    break
                event_id = page[-1].id
        return found[:limit]

    def newest_id(self) -> int:
        """The greatest id that is kept; 0 when there is none."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(event_table.c.id))).scalar() or 0

    def oldest_id(self) -> int:
        """The smallest id that is kept; 0 when there is none."""
        with self._database.read() as connection:
            return connection.execute(select(func.min(event_table.c.id))).scalar() or 0

    def prune(self, older_than_s: float = KEPT_S) -> int:
        """Remove what is older, a chunk a transaction; how many. The newest event stays, so that
        `newest_id` never falls."""
        limit, total = now_s() - older_than_s, 0
        newest = select(func.max(event_table.c.id)).scalar_subquery()
        old = (
            select(event_table.c.id)
            .where(event_table.c.ts < limit, event_table.c.id < newest)
            .order_by(event_table.c.id)
            .limit(_CHUNK)
        )
        while True:
            with self._database.write() as tx:
                removed = tx.execute(delete(event_table).where(event_table.c.id.in_(old))).rowcount
            total += removed
            if removed < _CHUNK:
                return total


def _read_page(connection: Connection, event_id: int) -> Sequence[Row[int, float, str, str]]:
    columns = event_table.c
    wanted = select(columns.id, columns.ts, columns.topic, columns.payload)
    return connection.execute(
        wanted.where(columns.id > event_id).order_by(columns.id).limit(_PAGE)
    ).all()


def _to_event(row: Row[int, float, str, str]) -> Event:
    return Event(topic=row.topic, payload=json.loads(row.payload), id=row.id, ts=row.ts)
