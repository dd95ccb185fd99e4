"""Files that the system could not read: which of its reasons may pass."""

import errno

from mediant.errors import MediaError

PASSING = frozenset(
    {
        errno.EIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.ENOTCONN,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
    }
)
"""What a network mount says while its server is away. A bad disk says EIO, too; a few more tries
cost little."""


def may_pass(number: int | None) -> bool:
    """Whether a file that failed with this `errno` may well be read a little later."""
    return number in PASSING


def unreadable(path: str, error: OSError) -> MediaError:
    """The error of a file that is there and that the system could not read. Pure."""
    text = f"The file cannot be read: {error.strerror}."
    return MediaError("unreadable", text, asset=path, transient=may_pass(error.errno))
