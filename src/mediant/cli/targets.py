"""What a command's path arguments mean: each checked first, folders as the files below them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mediant.cli.answer import Door
from mediant.cli.outcome import exit_code_of, explain
from mediant.errors import NotFound
from mediant.kernel.paths import is_within
from mediant.library.diff import Found
from mediant.library.walk import Rules, Walk

PAGE = 500

Paths = Annotated[list[Path], typer.Argument(help="Audio files or folders.")]


@dataclass(frozen=True, slots=True)
class Target:
    """One file, and whether it was named itself or lies below a folder that was."""

    path: str
    is_named: bool


def check_paths(paths: Sequence[Path]) -> None:
    """Tell each path that is not there; then end the command, before anything is begun."""
    missing = [NotFound("There is no such file.", asset=str(p)) for p in paths if not p.exists()]
    for error in missing:
        explain(error)
    if missing:
        raise typer.Exit(exit_code_of(missing[0]))


def list_targets(door: Door, paths: Sequence[Path]) -> list[Target]:
    """The files, each once and in order; of a folder those that are there and in a library."""
    found: dict[str, Target] = {}
    for path in map(Path.resolve, paths):
        if path.is_dir():
            for name in sorted(_known_below(door, path)):
                found.setdefault(name, Target(name, is_named=False))
        else:
            found[str(path)] = Target(str(path), is_named=True)
    return list(found.values())


def count_unknown(paths: Sequence[Path], targets: Sequence[Target], ignore: Sequence[str]) -> int:
    """The audio files below the named folders that are no `targets`, by the rules of a scan with
    these globs."""
    known, rules = {target.path for target in targets}, Rules(ignore)
    folders = dict.fromkeys(path.resolve() for path in paths if path.is_dir())
    found = {
        str(folder / step.path)
        for folder in folders
        for step in Walk(str(folder), rules).folder()
        if isinstance(step, Found)
    }
    return len(found - known)


def _known_below(door: Door, folder: Path) -> Iterator[str]:
    for library in door.call("GET", "/libraries")["items"]:
        root = Path(library["root_path"])
        if is_within(folder, root) or is_within(root, folder):
            for path in _list_files(door, library["id"]):
                if is_within(Path(path), folder) and Path(path).exists():
                    yield path


def _list_files(door: Door, library_id: int) -> Iterator[str]:
    cursor = None
    while True:
        params = {"library_id": library_id, "limit": PAGE, "cursor": cursor}
        page = door.call("GET", "/files", params=params)
        yield from (entry["path"] for entry in page["items"])
        cursor = page["next"]
        if cursor is None:
            return
