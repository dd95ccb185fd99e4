"""Table of the events: a ring of 24 hours that feeds replay."""

from sqlalchemy import Column, Index, Table, Text

from mediant.store.schema import metadata
from mediant.store.types import Id, Moment

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("ts", Moment, nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", Text, nullable=False),
    sqlite_autoincrement=True,
)

Index("event_ts", event.c.ts)
