"""Which reading errors are tried again."""

import errno
import os

import pytest

from mediant.jobs.worker import describe
from mediant.kernel.unreadable import unreadable


@pytest.mark.parametrize(
    ("number", "transient"),
    [
        (errno.EIO, True),
        (errno.ESTALE, True),
        (errno.ETIMEDOUT, True),
        (errno.ENOTCONN, True),
        (errno.EACCES, False),
        (errno.EISDIR, False),
        (errno.ENAMETOOLONG, False),
    ],
)
def test_what_a_lost_mount_says_may_pass(number: int, transient: bool) -> None:
    body = describe(unreadable("/music/a.flac", OSError(number, os.strerror(number))))
    assert (body["code"], body["transient"]) == ("unreadable", transient)
    assert os.strerror(number) in body["text"]
