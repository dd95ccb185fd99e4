"""The door: who calls, by key, login, address or trusted proxy."""

import hmac
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network

from sqlalchemy import Connection, insert, select, update

from mediant.access.addresses import Neighbourhood, Origin
from mediant.access.caller import ANONYMOUS, Caller
from mediant.access.keys import SHORTEST_PRESET, KeyInfo, Keys, NewKey, add_key, new_key_text
from mediant.access.keys import TOUCH_S as KEY_TOUCH_S
from mediant.access.password import PasswordHash, check_length
from mediant.access.scopes import EVERYTHING, Scope, with_implied
from mediant.access.sessions import NewSession, Sessions, SessionTimes, end_all
from mediant.access.throttle import Throttle
from mediant.access.verified import Verified, VerifiedCredentials
from mediant.errors import Busy, Invalid, Unauthorized, Unavailable
from mediant.kernel.clock import monotonic_s, now_s
from mediant.kernel.ids import hash_secret, new_secret
from mediant.settings.model import AccessSettings
from mediant.store import Database
from mediant.store.schema_access import credential

ADMIN = "admin"

LOGINS = (5, 60.0)
"""Failed logins of one client: the limit, and the seconds in which they count."""

WRONG_KEYS = (30, 60.0)
"""Wrong keys of one client, likewise. A right key always works, so a neighbour behind the same
address that keeps an old key locks nobody out."""

STRANGE_NAME = Caller(
    "anonymous",
    "anonymous",
    hint="To call this server by this name without a key, add the name to the setting "
    "access.allowed_hosts.",
)
"""Nobody, because the request came under a name that is not this server's."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FirstCredentials:
    """What the first start made up, to be printed once; None for what was preset."""

    password: str | None
    api_key: str | None


class Access:
    """Passwords, sessions, keys and the three modes. Any thread may call."""

    def __init__(
        self,
        database: Database,
        settings: AccessSettings,
        *,
        clock: Callable[[], float] = monotonic_s,
    ) -> None:
        """Raises `Invalid` when a network in the settings is none. `clock`: seconds, by which
        failures are forgotten."""
        self._database = database
        self._settings = settings
        self._near = Neighbourhood(
            settings.trusted_proxies, settings.local_networks, settings.allowed_hosts
        )
        self._password = PasswordHash()
        self._sessions = Sessions(database, settings.session_s, settings.session_limit_s)
        self._keys = Keys(database)
        self._verified = VerifiedCredentials()
        self._logins = Throttle(*LOGINS, clock=clock)
        self._wrong = Throttle(*WRONG_KEYS, clock=clock)
        self._local_token = new_secret()

    # The first start

    def first_start(
        self, password: str | None = None, api_key: str | None = None
    ) -> FirstCredentials | None:
        """Make the password and one admin key when there is no password yet; else None.

        A preset is taken as it is and not told again. Raises `Invalid` when it is too short.
        """
        with self._database.read() as connection:
            if _find_hash(connection) is not None:
                return None
        _check_presets(password, api_key)
        chosen, key = password or new_secret(12), api_key or new_key_text()
        hashed = self._password.make(chosen)
        with self._database.write() as tx:
            if _find_hash(tx) is not None:
                return None
            tx.execute(insert(credential).values(name=ADMIN, hash=hashed, changed_at=now_s()))
            add_key(tx, key, "first start", [Scope.ADMIN])
        return FirstCredentials(None if password else chosen, None if api_key else key)

    # The password

    def verify_password(self, password: str, origin: Origin) -> bool:
        """Whether this is the admin's password. Raises `TooManyTries` for a client that was wrong
        too often, and `Unavailable` while no password is set."""
        client = self._near.name_client(origin)
        self._logins.check(client)
        with self._database.read() as connection:
            hashed = _find_hash(connection)
        if hashed is None:
            raise Unavailable("No password is set.", remedy="Set one: mediant password set.")
        if not self._password.matches(password, hashed):
            self._logins.fail(client)
            _log.warning("A wrong password came from %s.", client)
            return False
        if self._password.is_outdated(hashed):
            self._strengthen(password, hashed)
        return True

    def set_password(self, password: str) -> None:
        """Change the password and end every session. Raises `Invalid` for a bad length."""
        check_length(password)
        changed = {"hash": self._password.make(password), "changed_at": now_s()}
        with self._database.write() as tx:
            mine = credential.c.name == ADMIN
            if not tx.execute(update(credential).where(mine).values(**changed)).rowcount:
                tx.execute(insert(credential).values(name=ADMIN, **changed))
            end_all(tx)
        self._verified.forget(lambda caller: caller.kind == "session")

    def _strengthen(self, password: str, old: str) -> None:
        row = credential.c.name == ADMIN, credential.c.hash == old
        hashed = self._password.make(password)
        with self._database.write() as tx:
            tx.execute(update(credential).where(*row).values(hash=hashed))

    # Sessions

    def login(self, password: str, origin: Origin) -> NewSession:
        """A session for the right password. Raises `Unauthorized`, `TooManyTries`; `Unavailable`
        while nobody can log in at all."""
        if not self.verify_password(password, origin):
            raise Unauthorized("Invalid password")
        return self._sessions.begin()

    def logout(self, token: str) -> bool:
        """End a session at once; whether there was one."""
        ended = self._sessions.end(token)
        self._verified.forget(lambda caller: caller.kind == "session")
        return ended

    # Keys

    def new_key(self, name: str, scopes: Iterable[str], expires_at: float | None = None) -> NewKey:
        """A new key; its text is told this once. `expires_at`: epoch seconds."""
        return self._keys.add(name, scopes, expires_at)

    def list_keys(self) -> list[KeyInfo]:
        """Every key, revoked ones too, oldest first."""
        return self._keys.list_all()

    def revoke_key(self, key_id: int) -> None:
        """Make a key worthless at once. Raises `NotFound`."""
        self._keys.revoke(key_id)
        self._verified.forget(lambda caller: caller.kind == "key")

    def local_token(self) -> str:
        """A token with every scope that ends with this process: for the server's own file, by
        which the command line finds it."""
        return self._local_token

    # Requests

    def find_caller(
        self, presented: str | None, origin: Origin, *, cookie: str | None = None
    ) -> Caller:
        """The caller of a request, perhaps nobody (`ANONYMOUS`, without any scope).

        `presented` is a key or a session's token that the caller sent on purpose: a wrong one
        raises `Unauthorized`, or `TooManyTries` after many, in every mode. `cookie` is what a
        browser sends by itself: when it is old, the mode decides. Neither it nor an address is
        enough under a name that is not this server's (`access.allowed_hosts`).
        """
        if presented:
            return self._verify(presented) or self._refuse(origin)
        is_own_name = self._near.is_own_name(origin)
        if cookie and (caller := self._verify(cookie)):
            return caller if is_own_name or self._near.is_trusted(origin) else STRANGE_NAME
        return self._by_mode(origin, is_own_name=is_own_name)

    def is_within(self, origin: Origin, networks: Iterable[str]) -> bool:
        """Whether the real client is known and in one of these networks (CIDR texts)."""
        client = self._near.find_client(origin)
        return client is not None and any(client in ip_network(one) for one in networks)

    def _by_mode(self, origin: Origin, *, is_own_name: bool) -> Caller:
        mode = self._settings.mode
        if mode == "local" and self._near.is_local(origin):
            return Caller("local", "local", EVERYTHING) if is_own_name else STRANGE_NAME
        if mode == "external" and origin.remote_user and self._near.is_trusted(origin):
            return Caller(origin.remote_user, "external", EVERYTHING)
        return ANONYMOUS

    def _refuse(self, origin: Origin) -> Caller:
        client = self._near.name_client(origin)
        self._wrong.check(client)
        self._wrong.fail(client)
        raise Unauthorized("This key or login is not valid.")

    def _verify(self, secret: str) -> Caller | None:
        hashed, generation = hash_secret(secret), self._verified.generation
        if hmac.compare_digest(secret.encode(), self._local_token.encode()):
            return Caller("command line", "process", EVERYTHING)
        known = self._verified.find(hashed)
        if known is not None:
            return known
        with self._database.read() as connection:
            key = self._keys.find(connection, hashed)
            session = None if key else self._sessions.find(connection, hashed)
        if key is not None:
            verified = self._note_key(key)
        elif session is not None:
            verified = self._note_session(hashed, session)
        else:
            return None
        self._verified.keep(hashed, verified, generation)
        return verified.caller

    def _note_key(self, key: KeyInfo) -> Verified:
        noted = key.last_used_at or now_s()
        with suppress(Busy):  # a request does not fail because its use cannot be noted
            noted = self._keys.touch(key.id, key.last_used_at)
        caller = Caller(key.name, "key", with_implied(key.scopes))
        return Verified(caller, key.expires_at, noted + KEY_TOUCH_S, now_s())

    def _note_session(self, hashed: str, times: SessionTimes) -> Verified:
        with suppress(Busy):
            times = self._sessions.touch(hashed, times)
        caller = Caller(ADMIN, "session", EVERYTHING)
        return Verified(caller, times.expires_at, self._sessions.note_at(times), now_s())


def _check_presets(password: str | None, api_key: str | None) -> None:
    """`Invalid` names the setting that has to be another."""
    if password:
        try:
            check_length(password)
        except Invalid as bad:
            name, remedy = "setting admin_password", "Set another one, or none."
            raise Invalid(bad.text, asset=name, remedy=remedy) from bad
    if api_key is not None and len(api_key) < SHORTEST_PRESET:
        text = f"The API key needs {SHORTEST_PRESET} characters at least."
        raise Invalid(text, asset="setting api_key", remedy="Set a longer one, or none.")


def _find_hash(connection: Connection) -> str | None:
    wanted = select(credential.c.hash).where(credential.c.name == ADMIN)
    return connection.execute(wanted).scalar()
