"""Room for a model: enough of it, and a place that a folder gets whole, by a new name."""

import shutil
from pathlib import Path

from mediant.errors import ModelError
from mediant.kernel.flush import sync_folder
from mediant.kernel.units import format_size

_ASIDE = ".replaced"
_SPARE_BYTES = 64 << 20
_REMEDY = "Free some space, or point MEDIANT_MODELS_DIR to another disk."


def require_space(asset: str, wanted_bytes: int, folder: Path) -> None:
    """ModelError when the disk of the folder has no room for so much."""
    free = shutil.disk_usage(folder).free
    wanted = wanted_bytes + _SPARE_BYTES
    if wanted > free:
        text = f"It takes {format_size(wanted)} on the disk of {folder}"
        text += f", and only {format_size(free)} are free."
        raise ModelError(text, asset=asset, remedy=_REMEDY)


def no_space(asset: str) -> ModelError:
    """The error of a disk that became full meanwhile."""
    return ModelError("No space is left on its disk.", asset=asset, remedy=_REMEDY)


def put_folder(prepared: Path, target: Path) -> None:
    """Rename a folder of the workplace into place; what lay there goes into the workplace."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = prepared.with_name(f"{prepared.name}{_ASIDE}")
    if target.exists():
        target.rename(aside)
    prepared.rename(target)
    sync_folder(target.parent)


def remove_folder(folder: Path) -> bool:
    """Delete it; whether there was anything to delete."""
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True
