"""The admin's password: argon2id, never kept as it is."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mediant.errors import Invalid

SHORTEST = 8
LONGEST = 1024
"""More is no password but an attempt to keep the processor busy."""

_AT_ONCE = 2
"""Each check takes 64 MiB; a flood of logins must not take all memory."""


class PasswordHash:
    """Makes and checks hashes, a few at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._seats = threading.BoundedSemaphore(_AT_ONCE)

    def make(self, password: str) -> str:
        """A salted hash. Raises `Invalid` for a password that is too short or too long."""
        check_length(password)
        with self._seats:
            return self._hasher.hash(password)

    def matches(self, password: str, hashed: str) -> bool:
        """Whether the password is the one; the time does not tell how wrong it is."""
        if len(password) > LONGEST or not _is_text(password):
            return False
        try:
            with self._seats:
                return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether a newer hash would be stronger."""
        return self._hasher.check_needs_rehash(hashed)


def _is_text(password: str) -> bool:
    """Whether it can be hashed: JSON can name half of a character, which has no bytes."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_length(password: str) -> None:
    """Raise `Invalid` for a password that is too short, too long or no text."""
    if not _is_text(password):
        raise Invalid("A password consists of whole characters.")
    if len(password) < SHORTEST:
        raise Invalid(f"A password needs {SHORTEST} characters at least.")
    if len(password) > LONGEST:
        raise Invalid(f"A password has {LONGEST} characters at most.")
