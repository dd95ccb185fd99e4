"""What a caller may do: four scopes, each of which holds the ones before it."""

from collections.abc import Iterable
from enum import StrEnum

from mediant.errors import Invalid


class Scope(StrEnum):
    """From the weakest to the strongest."""

    READ = "read"
    """See libraries, tracks, jobs and settings without secrets."""
    JOBS = "jobs"
    """Also start, cancel, pause and remove jobs. A file that is tagged is written as its library's
    write mode says, which only who may `write` can change."""
    WRITE = "write"
    """Also change libraries and calibrations, name a write mode for a wish, undo writes, and take
    tags out of files."""
    ADMIN = "admin"
    """Also change settings, models, workers, keys and the password."""


_ORDER = tuple(Scope)
EVERYTHING = frozenset(Scope)


def with_implied(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """The scopes and all that they hold: admin holds write, write holds jobs, jobs hold read."""
    ranks = [_ORDER.index(scope) for scope in scopes]
    return frozenset(_ORDER[: max(ranks) + 1]) if ranks else frozenset()


def parse_scopes(words: Iterable[str]) -> frozenset[Scope]:
    """Scopes from their words. Raises `Invalid` for none or for an unknown one."""
    found = frozenset(words)
    unknown = found - set(_ORDER)
    if unknown or not found:
        known = ", ".join(_ORDER)
        text = f"There is no scope {min(unknown)!r}." if unknown else "A key needs a scope."
        raise Invalid(text, remedy=f"Choose of: {known}.")
    return frozenset(Scope(word) for word in found)
