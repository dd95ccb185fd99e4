"""API keys: 256 random bits each, kept as a hash, told once."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from mediant.access.scopes import Scope, parse_scopes
from mediant.errors import Invalid, NotFound
from mediant.kernel.clock import now_s
from mediant.kernel.ids import hash_secret, new_secret
from mediant.store import Database
from mediant.store.schema_access import api_key

TOUCH_S = 60.0
TOUCH_PATIENCE_S = 1.0
"""The note of a use may be missing: no request waits longer for it than this."""
"""Use is written down once in so long, not at each request."""

HINT_LENGTH = 4
SHORTEST_PRESET = 16


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key. `key` is told this once; only its hash is kept."""

    id: int
    key: str
    name: str
    scopes: frozenset[Scope]
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What is known of a key. `hint`: its first characters."""

    id: int
    name: str
    hint: str
    scopes: frozenset[Scope]
    created_at: float
    last_used_at: float | None
    expires_at: float | None
    revoked_at: float | None


class Keys:
    """The keys of programs that call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, scopes: Iterable[str], expires_at: float | None = None) -> NewKey:
        """A new key. Raises `Invalid` for an empty name, an unknown scope or a past end."""
        with self._database.write() as tx:
            return add_key(tx, new_key_text(), name, scopes, expires_at)

    def list_all(self) -> list[KeyInfo]:
        """Every key, revoked ones too, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.id)).mappings().all()
        return [_to_info(row) for row in rows]

    def find(self, connection: Connection, hashed: str) -> KeyInfo | None:
        """A key that is valid now, by its hash."""
        wanted = select(api_key).where(api_key.c.hash == hashed, api_key.c.revoked_at.is_(None))
        alive = or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > now_s())
        row = connection.execute(wanted.where(alive)).mappings().first()
        return None if row is None else _to_info(row)

    def touch(self, key_id: int, last_used_at: float | None) -> float:
        """Note that a key is used, when the last note is old enough; the time of the last note."""
        now = now_s()
        if last_used_at is not None and now - last_used_at < TOUCH_S:
            return last_used_at
        with self._database.write(TOUCH_PATIENCE_S) as tx:
            tx.execute(update(api_key).where(api_key.c.id == key_id).values(last_used_at=now))
        return now

    def revoke(self, key_id: int) -> None:
        """Make a key worthless for good. Raises `NotFound`; twice is no error."""
        with self._database.write() as tx:
            found = tx.execute(select(api_key.c.id).where(api_key.c.id == key_id)).first()
            if found is None:
                raise NotFound("There is no such key.", asset=f"key {key_id}")
            mine = api_key.c.id == key_id, api_key.c.revoked_at.is_(None)
            tx.execute(update(api_key).where(*mine).values(revoked_at=now_s()))


def _to_info(row: RowMapping) -> KeyInfo:
    shown = {name: row[name] for name in KeyInfo.__slots__ if name != "scopes"}
    return KeyInfo(**shown, scopes=parse_scopes(row["scopes"].split()))


def new_key_text() -> str:
    """A random key that no command line takes for an option."""
    while (key := new_secret()).startswith("-"):
        pass
    return key


def add_key(
    tx: Connection, key: str, name: str, scopes: Iterable[str], expires_at: float | None = None
) -> NewKey:
    """Store a key that is already chosen, in the caller's transaction."""
    granted, now, name = parse_scopes(scopes), now_s(), name.strip()
    if not name:
        raise Invalid("A key needs a name, so that you know later whose it is.")
    if expires_at is not None and expires_at <= now:
        raise Invalid("The key would have expired already.")
    row = {
        "name": name,
        "hash": hash_secret(key),
        "hint": key[:HINT_LENGTH],
        "scopes": " ".join(sorted(granted)),
        "created_at": now,
        "expires_at": expires_at,
    }
    key_id = tx.execute(insert(api_key).values(**row).returning(api_key.c.id)).scalar_one()
    return NewKey(key_id, key, name, granted, expires_at)
