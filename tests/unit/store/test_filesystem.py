"""The file system that a path lies on."""

from pathlib import Path

import pytest

from mediant.store.filesystem import find_filesystem, is_on_network, refuse_network

MOUNTS = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /mnt/nas rw,relatime shared:5 master:1 - nfs4 nas:/volume1 rw,vers=4.2
31 30 8:2 / /mnt/nas/local rw - btrfs /dev/sdb rw
32 21 0:41 / /mnt/my\040share rw - cifs //nas/share rw
33 21 0:42 / /data rw - nfs nas:/data rw
34 21 8:3 / /data rw - xfs /dev/sdc rw
35 21 0:43 / broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/config/mediant.db", "ext4"),
        ("/mnt/nas/config/mediant.db", "nfs4"),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nasty/mediant.db", "ext4"),
        ("/mnt/nas/local/mediant.db", "btrfs"),
        ("/mnt/my share/mediant.db", "cifs"),
        ("/data/mediant.db", "xfs"),
    ],
)
def test_the_deepest_and_last_mount_counts(path: str, kind: str) -> None:
    assert find_filesystem(Path(path), MOUNTS) == kind


def test_nothing_is_known_without_mounts() -> None:
    assert find_filesystem(Path("/a"), "") is None


def test_a_network_share_is_refused_in_one_sentence(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"30 21 0:40 / {tmp_path} rw - nfs4 nas:/volume1 rw\n")
    with pytest.raises(Exception, match=r"network file system \(nfs4\).*PostgreSQL"):
        refuse_network(tmp_path / "mediant.db", table)


def test_a_local_disk_is_fine(tmp_path: Path) -> None:
    refuse_network(tmp_path / "mediant.db")
    refuse_network(tmp_path / "mediant.db", tmp_path / "no such table")


@pytest.mark.parametrize(
    ("kind", "is_far"),
    [
        ("nfs4", True),
        ("cifs", True),
        ("9p", True),
        ("fuse.sshfs", True),
        ("fuse", False),
        ("ext4", False),
        ("overlay", False),
    ],
)
def test_where_no_events_of_other_machines_come(tmp_path: Path, kind: str, is_far: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"30 21 0:40 / {tmp_path} rw - {kind} thing rw\n")
    assert is_on_network(tmp_path / "videos", table) is is_far
    assert not is_on_network(tmp_path, tmp_path / "no such table")
