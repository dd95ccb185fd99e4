"""What holds a running job until a test lets it go."""

from pathlib import Path

import pytest


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that ends the jobs `until` it, when a test makes it."""
    return tmp_path / "gate"
