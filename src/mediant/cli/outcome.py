"""Exit codes and how an error is told."""

import sys
from collections.abc import Mapping

from mediant.cli.plain import plain
from mediant.errors import MEDIA_CODES, MediantError

EXIT_CODES: Mapping[str, int] = {
    "invalid": 2,
    "unknown_kind": 2,
    "not_found": 3,
    "missing": 3,
    "refused": 4,
    "forbidden": 4,
    "already_owned": 4,
    "already_queued": 4,
    "subtitle_exists": 4,
    "newer_schema": 4,
    "unauthorized": 4,
    "too_many_tries": 4,
    "busy": 5,
    "database_gone": 5,
    "unavailable": 5,
    "remote_down": 5,
    "cancelled": 130,
}
"""Code of an error -> exit code: 1 failure, 2 usage, 3 not found, 4 refused, 5 not reachable."""


def exit_code_of(error: MediantError) -> int:
    """The exit code for an error; 1 where the table has none."""
    return EXIT_CODES.get(error.code, 1)


def explain(error: MediantError) -> None:
    """One line on stderr: the asset, the cause, the remedy."""
    kind = f" [{error.code}]" if error.code in MEDIA_CODES else ""
    print(plain(f"mediant: {error}{kind}"), file=sys.stderr)
