"""Failures in a sliding window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.access.throttle import Throttle
from mediant.errors import TooManyTries

LIMIT, WINDOW_S = 3, 60.0


def is_blocked(throttle: Throttle, client: str) -> bool:
    try:
        throttle.check(client)
    except TooManyTries:
        return True
    return False


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from("ab")), max_size=25))
def test_blocked_exactly_while_the_window_is_full(steps: list[tuple[int, str]]) -> None:
    """Against the plain definition: `limit` failures in the last `window_s` seconds."""
    now, failures = 0.0, list[tuple[float, str]]()
    throttle = Throttle(LIMIT, WINDOW_S, clock=lambda: now)
    for wait_s, client in steps:
        now += wait_s
        recent = [at for at, who in failures if who == client and now - at < WINDOW_S]
        assert is_blocked(throttle, client) == (len(recent) >= LIMIT)
        if len(recent) < LIMIT:
            throttle.fail(client)
            failures.append((now, client))


def test_it_says_how_long_to_wait() -> None:
    now = 0.0
    throttle = Throttle(1, WINDOW_S, clock=lambda: now)
    throttle.fail("a")
    now = 20.0
    with pytest.raises(TooManyTries, match="again in 40 s") as refusal:
        throttle.check("a")
    assert refusal.value.retry_after_s == 40.0
    now = 60.0
    throttle.check("a")


def test_memory_is_bounded() -> None:
    throttle = Throttle(1, WINDOW_S, most_clients=100)
    for n in range(1000):
        throttle.fail(str(n))
    blocked = [n for n in range(1000) if is_blocked(throttle, str(n))]
    assert blocked == list(range(900, 1000))
