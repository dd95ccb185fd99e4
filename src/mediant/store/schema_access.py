"""Tables of access and settings: credential, api_key, session, setting."""

from sqlalchemy import Column, Index, Table, Text

from mediant.store.schema import metadata
from mediant.store.types import Id, Moment

credential = Table(
    "credential",
    metadata,
    Column("name", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
"""The admin's password, argon2."""

api_key = Table(
    "api_key",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    sqlite_autoincrement=True,
)
"""`hint`: the first four characters, to recognise a key by. `scopes`: space-separated."""

session = Table(
    "session",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

Index("session_expires", session.c.expires_at)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
"""Settings changed at run time; `key` is dotted, `value` is JSON."""
