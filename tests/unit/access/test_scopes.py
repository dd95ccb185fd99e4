"""Scopes hold one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.access.password import LONGEST, PasswordHash, check_length
from mediant.access.scopes import Scope, parse_scopes, with_implied
from mediant.errors import Invalid


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ("read", {"read"}),
        ("jobs", {"read", "jobs"}),
        ("write", {"read", "jobs", "write"}),
        ("admin", {"read", "jobs", "write", "admin"}),
    ],
)
def test_a_scope_holds_the_weaker_ones(scope: str, held: set[str]) -> None:
    assert with_implied(parse_scopes([scope])) == held


@given(st.sets(st.sampled_from(Scope)))
def test_implying_twice_adds_nothing(scopes: set[Scope]) -> None:
    once = with_implied(scopes)
    assert scopes <= once
    assert with_implied(once) == once


@pytest.mark.parametrize("words", [[], ["root"], ["read", "Read"]])
def test_none_and_unknown_are_refused(words: list[str]) -> None:
    with pytest.raises(Invalid):
        parse_scopes(words)


def test_a_password_is_salted_and_found_again() -> None:
    passwords = PasswordHash()
    first, second = passwords.make("correct horse"), passwords.make("correct horse")
    assert first != second
    assert first.startswith("$argon2id$")
    assert passwords.matches("correct horse", first)
    assert not passwords.matches("correct house", first)
    assert not passwords.matches("correct horse", "no hash at all")
    assert not passwords.is_outdated(first)


@pytest.mark.parametrize("password", ["", "1234567", "x" * (LONGEST + 1)])
def test_bad_lengths_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_length(password)
