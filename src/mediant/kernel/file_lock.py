"""Locks of open files, by which an abandoned file is told from one that is in use."""

import errno
import fcntl

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EBADF})
"""What disks say that have no locks."""


def try_lock(number: int) -> bool:
    """Lock an open file (its descriptor) until it is closed; False when somebody else has it.

    Disks without locks count as unlocked. Raises OSError for any other trouble.
    """
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True
