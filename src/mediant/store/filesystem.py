"""Which file system a path lies on, because SQLite must not lie on a network's."""

import os
import re
from pathlib import Path

from mediant.errors import Refused

MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2"}
_REMOTE = {"9p", "virtiofs", "afs", "ceph", "glusterfs", "vboxsf", "prl_fs", "drvfs", "davfs"}
_OCTAL = re.compile(r"\\([0-7]{3})")


def refuse_network(path: Path, table: Path = MOUNTS) -> None:
    """Raise `Refused` when a file at `path` would lie on NFS or SMB.

    Their locks do not protect SQLite: two servers, or one after a reconnect, would destroy it.
    `table` is Linux' list of mounts; systems without one are not checked.
    """
    kind = _kind_of(path, table)
    if kind in _NETWORK:
        raise Refused(
            f"The database would lie on a network file system ({kind}), which SQLite cannot use.",
            asset=str(path),
            remedy="Put the config folder on a local disk, or use PostgreSQL.",
        )


def is_on_network(path: Path, table: Path = MOUNTS) -> bool:
    """Whether a file at `path` lies on another machine, so that its events are not heard here."""
    kind = _kind_of(path, table) or ""
    return kind in _NETWORK or kind in _REMOTE or kind.startswith("fuse.")


def _kind_of(path: Path, table: Path) -> str | None:
    try:
        mounts = table.read_text(errors="surrogateescape")
    except OSError:
        return None
    return find_filesystem(Path(os.path.realpath(path)), mounts)


def find_filesystem(path: Path, mounts: str) -> str | None:
    """The type of the file system of a real path, from the text of Linux' `mountinfo`.

    A line: id, parent, device, root, mount point, options, optional fields, `-`, type, source,
    options. The deepest mount point wins, the last one when two are the same.
    """
    best, kind = -1, None
    for line in mounts.splitlines():
        head, dash, tail = line.partition(" - ")
        fields = head.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4]))
        if (path == point or point in path.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), tail.split(" ")[0]
    return kind
