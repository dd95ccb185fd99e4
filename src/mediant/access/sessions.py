"""Logins: opaque tokens that slide along while they are used."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from mediant.access.keys import TOUCH_PATIENCE_S
from mediant.kernel.clock import now_s
from mediant.kernel.ids import hash_secret, new_secret
from mediant.store import Database
from mediant.store.schema_access import session

TOUCH_S = 60.0
"""Use is written down once in so long, not at each request."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A fresh login. The token is told this once; only its hash is kept."""

    token: str
    expires_at: float
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """When a session began, when it was last noted as used, and when it ends without use."""

    created_at: float
    seen_at: float
    expires_at: float


class Sessions:
    """The logins of the admin.

    A session ends `idle_s` seconds after its last use (up to `TOUCH_S` earlier, since not every
    use is noted), and `limit_s` after its begin in any case.
    """

    def __init__(self, database: Database, idle_s: float, limit_s: float) -> None:
        self._database = database
        self._idle_s = idle_s
        self._limit_s = limit_s

    def begin(self) -> NewSession:
        """A new login; ended ones are cleared away meanwhile."""
        token, now = new_secret(), now_s()
        ends = self.expiry(now, now)
        with self._database.write() as tx:
            tx.execute(delete(session).where(session.c.expires_at <= now))
            row = {"hash": hash_secret(token), "created_at": now, "seen_at": now}
            tx.execute(insert(session).values(**row, expires_at=ends))
        return NewSession(token, ends, round(ends - now))

    def expiry(self, created_at: float, used_at: float) -> float:
        """When a session ends that is not used again."""
        return min(used_at + self._idle_s, created_at + self._limit_s)

    def note_at(self, times: SessionTimes) -> float:
        """From when on another use is worth a note."""
        return times.seen_at + min(TOUCH_S, self._idle_s / 10)

    def find(self, connection: Connection, hashed: str) -> SessionTimes | None:
        """A session that has not ended, by the hash of its token."""
        wanted = select(session.c.created_at, session.c.seen_at, session.c.expires_at)
        row = connection.execute(wanted.where(session.c.hash == hashed)).first()
        if row is None or row.expires_at <= now_s():
            return None
        return SessionTimes(row.created_at, row.seen_at, row.expires_at)

    def touch(self, hashed: str, times: SessionTimes) -> SessionTimes:
        """Note that a session is used, when the last note is old enough."""
        now = now_s()
        if now < self.note_at(times):
            return times
        ends = self.expiry(times.created_at, now)
        with self._database.write(TOUCH_PATIENCE_S) as tx:
            # Only a session that still lives: one that was ended meanwhile stays ended.
            tx.execute(
                update(session)
                .where(session.c.hash == hashed, session.c.expires_at > now)
                .values(seen_at=now, expires_at=ends)
            )
        return SessionTimes(times.created_at, now, ends)

    def end(self, token: str) -> bool:
        """Log out; whether there was such a session."""
        with self._database.write() as tx:
            done = tx.execute(delete(session).where(session.c.hash == hash_secret(token)))
        return done.rowcount == 1


def end_all(tx: Connection) -> int:
    """End every session, in the transaction that changes the password."""
    return tx.execute(delete(session)).rowcount
