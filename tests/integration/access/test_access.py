"""Passwords, sessions, keys, modes."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from socket import gethostname

import pytest
import time_machine
from sqlalchemy import select

from mediant.access import Access, Caller, Origin, Scope
from mediant.access.access import LOGINS, WRONG_KEYS
from mediant.errors import (
    Forbidden,
    Invalid,
    NotFound,
    TooManyTries,
    Unauthorized,
    Unavailable,
)
from mediant.store import Database
from mediant.store.tables import metadata


def authenticate(
    access: Access, presented: str | None, origin: Origin, *, cookie: str | None = None
) -> Caller:
    """Whoever may at least look."""
    caller = access.find_caller(presented, origin, cookie=cookie)
    caller.require(Scope.READ)
    return caller


PASSWORD = "correct horse"
HERE = Origin("192.168.1.20", host="192.168.1.2:8356")
THERE = Origin("203.0.113.9", host="192.0.2.1")
EVERYTHING = frozenset(Scope)
HOUR, DAY = 3600.0, 86_400.0
START = 1_800_000_000.0

Make = Callable[..., Access]


def dump(database: Database) -> str:
    with database.read() as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return json.dumps(rows, default=repr)


# The first start


def test_the_first_start_tells_what_it_made_once(make: Make, database: Database) -> None:
    made = make().first_start()
    assert made is not None
    assert made.password is not None
    assert made.api_key is not None
    assert make().login(made.password, THERE).token
    assert authenticate(make(), made.api_key, THERE).scopes == EVERYTHING
    assert make().first_start() is None
    assert make().first_start("another password", "another-preset-key") is None
    assert made.password not in dump(database)
    assert made.api_key not in dump(database)


def test_presets_are_taken_and_not_told(make: Make) -> None:
    made = make().first_start(PASSWORD, "preset-key-of-mine")
    assert made is not None
    assert (made.password, made.api_key) == (None, None)
    assert make().login(PASSWORD, THERE).token
    assert authenticate(make(), "preset-key-of-mine", THERE).kind == "key"


@pytest.mark.parametrize(("password", "key"), [("short", None), (PASSWORD, "short")])
def test_a_bad_preset_leaves_the_first_start_open(
    make: Make, password: str, key: str | None
) -> None:
    with pytest.raises(Invalid):
        make().first_start(password, key)
    with pytest.raises(Unavailable):
        make().login(PASSWORD, THERE)
    assert make().list_keys() == []
    assert make().first_start() is not None


def test_without_a_password_a_login_says_what_to_do(make: Make) -> None:
    with pytest.raises(Unavailable, match="No password is set"):
        make().login(PASSWORD, THERE)


# Sessions


def test_a_login_opens_everything_and_ends_with_the_logout(access: Access, make: Make) -> None:
    session = access.login(PASSWORD, THERE)
    assert session.expires_in_s == 86_400
    assert authenticate(access, session.token, THERE) == Caller("admin", "session", EVERYTHING)
    assert authenticate(access, None, THERE, cookie=session.token).kind == "session"
    assert authenticate(make(), session.token, THERE).kind == "session"
    assert access.logout(session.token)
    assert not access.logout(session.token)
    for room in (access, make()):
        with pytest.raises(Unauthorized):
            authenticate(room, session.token, THERE)


def test_a_wrong_password_is_unauthorized(access: Access) -> None:
    with pytest.raises(Unauthorized, match="Invalid password"):
        access.login("wrong horse", THERE)
    with pytest.raises(Unauthorized, match="Invalid password"):
        access.login("x" * 100_000, THERE)


def test_a_new_password_ends_every_session_and_the_old_password(access: Access, make: Make) -> None:
    tokens = [access.login(PASSWORD, THERE).token for _ in range(2)]
    assert all(authenticate(access, token, THERE).scopes for token in tokens)
    access.set_password("battery staple")
    for token in tokens:
        with pytest.raises(Unauthorized):
            authenticate(access, token, THERE)
    with pytest.raises(Unauthorized):
        make().login(PASSWORD, THERE)
    assert make().login("battery staple", THERE).token


def test_a_session_slides_with_use_and_has_a_limit(access: Access) -> None:
    with time_machine.travel(START, tick=False) as clock:
        token = access.login(PASSWORD, THERE).token
        for _ in range(35):
            clock.shift(20 * HOUR)
            assert authenticate(access, token, THERE).scopes
        clock.move_to(START + 30 * DAY - 1)
        assert authenticate(access, token, THERE).scopes
        clock.shift(1)
        with pytest.raises(Unauthorized):
            authenticate(access, token, THERE)


def test_an_unused_session_ends(access: Access) -> None:
    with time_machine.travel(START, tick=False) as clock:
        token = access.login(PASSWORD, THERE).token
        clock.shift(DAY - 1)
        assert authenticate(access, token, THERE).scopes
        clock.shift(DAY)
        with pytest.raises(Unauthorized):
            authenticate(access, token, THERE)


def test_ended_sessions_are_cleared_away(access: Access, database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        access.login(PASSWORD, THERE)
        clock.shift(2 * DAY)
        access.login(PASSWORD, THERE)
    with database.read() as connection:
        assert len(connection.execute(select(metadata.tables["session"])).all()) == 1


# Keys


def test_a_key_is_told_once_and_kept_as_a_hash(access: Access, database: Database) -> None:
    made = access.new_key("sonarr", ["jobs"])
    info = access.list_keys()[-1]
    assert (info.id, info.name, info.hint) == (made.id, "sonarr", made.key[:4])
    assert made.key not in dump(database)
    assert len(made.key) == 43
    caller = authenticate(access, made.key, THERE)
    assert caller == Caller("sonarr", "key", frozenset({Scope.READ, Scope.JOBS}))


def test_a_revoked_key_opens_nothing_at_once(access: Access, make: Make) -> None:
    made = access.new_key("sonarr", ["admin"])
    assert authenticate(access, made.key, THERE).scopes
    access.revoke_key(made.id)
    access.revoke_key(made.id)
    for room in (access, make()):
        with pytest.raises(Unauthorized):
            authenticate(room, made.key, THERE)
    assert access.list_keys()[-1].revoked_at is not None
    with pytest.raises(NotFound):
        access.revoke_key(99_999)


def test_a_key_revoked_by_another_process_ends_within_seconds(access: Access, make: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        made = access.new_key("sonarr", ["admin"])
        assert authenticate(access, made.key, THERE).scopes
        make().revoke_key(made.id)
        clock.shift(11)
        with pytest.raises(Unauthorized):
            authenticate(access, made.key, THERE)


def test_a_key_ends_at_its_time_even_when_it_was_verified_just_before(access: Access) -> None:
    with time_machine.travel(START, tick=False) as clock:
        made = access.new_key("guest", ["read"], START + 5)
        clock.shift(4)
        assert authenticate(access, made.key, THERE).scopes
        clock.shift(1)
        with pytest.raises(Unauthorized):
            authenticate(access, made.key, THERE)
        with pytest.raises(Invalid):
            access.new_key("late", ["read"], START)


def test_the_last_use_is_noted_once_a_minute(access: Access) -> None:
    with time_machine.travel(START, tick=False) as clock:
        made = access.new_key("sonarr", ["read"])
        seen = []
        for _ in range(13):
            authenticate(access, made.key, THERE)
            seen.append(access.list_keys()[-1].last_used_at)
            clock.shift(10)
    assert seen == [START] * 6 + [START + 60] * 6 + [START + 120]


def test_a_verified_key_needs_no_database(access: Access, database: Database) -> None:
    with time_machine.travel(START, tick=False):
        made = access.new_key("sonarr", ["read"])
        authenticate(access, made.key, THERE)
        with database.write() as tx:
            tx.execute(metadata.tables["api_key"].delete())
        assert authenticate(access, made.key, THERE).name == "sonarr"


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), ("x", []), ("x", ["root"])])
def test_a_key_needs_a_name_and_known_scopes(access: Access, name: str, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        access.new_key(name, scopes)


def test_scopes_are_required(access: Access) -> None:
    caller = authenticate(access, access.new_key("reader", ["read"]).key, THERE)
    caller.require("read")
    with pytest.raises(Forbidden, match="admin"):
        caller.require(Scope.ADMIN)
    with pytest.raises(Unauthorized):
        access.find_caller(None, THERE).require("read")


def test_the_local_token_ends_with_the_process(access: Access, make: Make) -> None:
    token = access.local_token()
    assert authenticate(access, token, THERE).scopes == EVERYTHING
    with pytest.raises(Unauthorized):
        authenticate(make(), token, THERE)


# Failures


def test_failed_logins_are_throttled_by_client(access: Access) -> None:
    for _ in range(LOGINS[0]):
        with pytest.raises(Unauthorized):
            access.login("wrong horse", THERE)
    with pytest.raises(TooManyTries, match=r"again in \d+ s"):
        access.login(PASSWORD, THERE)
    assert access.login(PASSWORD, HERE).token


def test_wrong_keys_are_throttled_but_the_right_one_works(access: Access) -> None:
    made = access.new_key("sonarr", ["read"])
    for _ in range(WRONG_KEYS[0]):
        with pytest.raises(Unauthorized):
            authenticate(access, "wrong", THERE)
    with pytest.raises(TooManyTries):
        authenticate(access, "wrong", THERE)
    assert authenticate(access, made.key, THERE).name == "sonarr"


def test_logins_of_many_threads(access: Access) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(access.login(PASSWORD, THERE).token))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(set(found)) == 6


# Modes


def test_required_knows_no_address(make: Make) -> None:
    for origin in (HERE, Origin("127.0.0.1"), Origin("127.0.0.1", remote_user="anna")):
        with pytest.raises(Unauthorized):
            authenticate(make(), None, origin)


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [
        (HERE, True),
        (Origin("127.0.0.1"), True),
        (Origin("::ffff:10.1.2.3"), True),
        (THERE, False),
        (Origin(""), False),
        (Origin("100.64.1.1"), True),
        (Origin("192.168.1.20", forwarded=True), False),
        (Origin("192.168.1.20", forwarded=True, forwarded_for="192.168.1.30"), False),
        (Origin("10.0.0.1", forwarded=True, forwarded_for="192.168.1.30"), True),
        (Origin("10.0.0.1", forwarded=True, forwarded_for="203.0.113.9"), False),
        (Origin("10.0.0.1", forwarded=True, forwarded_for="192.168.1.30, 203.0.113.9"), False),
        (Origin("10.0.0.1", forwarded=True, forwarded_for="203.0.113.9, 192.168.1.30"), True),
        (Origin("10.0.0.1", forwarded=True), False),
    ],
)
def test_local_asks_for_the_real_client(make: Make, origin: Origin, is_local: bool) -> None:
    access = make(mode="local", trusted_proxies=["10.0.0.1"], local_networks=["100.64.0.0/10"])
    here = replace(origin, host="10.0.0.2")
    assert (access.find_caller(None, here).kind == "local") == is_local


@pytest.mark.parametrize(
    ("host", "counts"),
    [
        ("127.0.0.1:8356", True),
        ("[::1]:8356", True),
        ("LocalHost:8356", True),
        (gethostname(), True),
        ("Music.Example.com.", True),
        ("evil.example", False),
        ("localhost.evil.example:8356", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_neither_address_nor_cookie_counts_under_a_strange_name(
    make: Make, host: str, counts: bool
) -> None:
    access = make(mode="local", allowed_hosts=["music.example.com"])
    access.set_password(PASSWORD)
    token, origin = access.login(PASSWORD, HERE).token, replace(HERE, host=host)
    for cookie in (None, token):
        caller = access.find_caller(None, origin, cookie=cookie)
        assert (caller.kind != "anonymous") == counts
    assert authenticate(access, token, origin).kind == "session"
    if not counts:
        with pytest.raises(Unauthorized, match=r"access\.allowed_hosts"):
            authenticate(access, None, origin)


def test_a_trusted_proxy_passes_cookies_under_any_name(make: Make) -> None:
    access = make(trusted_proxies=["10.0.0.1"])
    access.set_password(PASSWORD)
    token = access.login(PASSWORD, HERE).token
    proxied = Origin("10.0.0.1", forwarded=True, forwarded_for="8.8.8.8", host="any.example")
    assert authenticate(access, None, proxied, cookie=token).kind == "session"


def test_local_still_refuses_a_wrong_key_but_forgives_an_old_cookie(make: Make) -> None:
    access = make(mode="local")
    with pytest.raises(Unauthorized):
        authenticate(access, "wrong", HERE)
    assert authenticate(access, None, HERE, cookie="old").kind == "local"


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (Origin("10.0.0.1", forwarded=True, remote_user="anna"), "anna"),
        (Origin("10.0.0.1", forwarded=True), "anonymous"),
        (Origin("10.0.0.2", forwarded=True, remote_user="anna"), "anonymous"),
        (
            Origin("10.0.0.2", forwarded=True, forwarded_for="10.0.0.1", remote_user="a"),
            "anonymous",
        ),
    ],
)
def test_external_believes_the_trusted_proxy_only(make: Make, origin: Origin, name: str) -> None:
    access = make(mode="external", trusted_proxies=["10.0.0.1/32"])
    assert access.find_caller(None, origin).name == name


def test_external_still_takes_keys(make: Make, access: Access) -> None:
    made = access.new_key("lidarr", ["jobs"])
    assert authenticate(make(mode="external"), made.key, THERE).name == "lidarr"


def test_a_network_that_is_none_is_said(make: Make) -> None:
    with pytest.raises(Invalid, match="trusted_proxies"):
        make(trusted_proxies=["the router"])
