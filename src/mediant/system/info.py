"""Facts about this installation, without secrets."""

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from mediant import __version__
from mediant.settings import Settings
from mediant.settings.secret import show
from mediant.store import Database

LIBRARIES = (
    "av",
    "fastapi",
    "mutagen",
    "numpy",
    "onnxruntime",
    "openvino",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
)
"""Whose versions matter when something is wrong."""


@dataclass(frozen=True, slots=True)
class Info:
    """What runs, on what, and how it is set up."""

    version: str
    python: str
    system: str
    database: str
    libraries: Mapping[str, str]
    devices: Sequence[str]
    memory_bytes: int
    free_bytes: int
    settings: Mapping[str, Any]


def read_info(settings: Settings, database: Database) -> Info:
    """Collect the facts; nothing heavy is imported for it."""
    return Info(
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        database=database_version(database),
        libraries=library_versions(),
        devices=list_devices(Path("/dev")),
        memory_bytes=psutil.virtual_memory().total,
        free_bytes=shutil.disk_usage(settings.config_dir).free,
        settings=show(settings),
    )


def database_version(database: Database) -> str:
    """`SQLite 3.46.1` or `PostgreSQL 18.0`."""
    if database.dialect == "sqlite":
        query, name = "SELECT sqlite_version()", "SQLite"
    else:
        query, name = "SHOW server_version", "PostgreSQL"
    with database.read() as connection:
        return f"{name} {connection.execute(text(query)).scalar()}"


def library_versions() -> dict[str, str]:
    """Installed versions of the libraries that matter; those that are missing are left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def list_devices(folder: Path) -> list[str]:
    """`cpu x 8`, and the accelerators whose device files can be opened here."""
    cores = f"cpu x {os.cpu_count() or 1}"
    nvidia = [p.name for p in sorted(folder.glob("nvidia[0-9]*")) if os.access(p, os.R_OK)]
    render = [p.name for p in sorted(folder.glob("dri/renderD*")) if os.access(p, os.R_OK)]
    return [cores, *nvidia, *render]
