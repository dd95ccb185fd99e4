"""The config folder on the disk."""

from contextlib import suppress
from pathlib import Path

from mediant.errors import Refused


def make_config_folder(folder: Path) -> None:
    """Make the folder, for its owner only, where there is none. `Refused` when that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as failed:
        text = f"The config folder cannot be made: {failed.strerror}."
        remedy = "Choose another with --config-dir or MEDIANT_CONFIG_DIR."
        raise Refused(text, asset=str(folder), remedy=remedy) from failed


def keep_private(database: Path | None) -> None:
    """Make the SQLite file before SQLite does, whose -wal and -shm files take its 0600 on."""
    if database is not None and not database.exists():
        with suppress(OSError):  # Opening the database tells better what is wrong.
            database.touch(mode=0o600)
