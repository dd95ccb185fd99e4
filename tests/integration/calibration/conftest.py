"""Calibrations that run in workers of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.calibration.desk import Desk, open_desk

from mediant.store import Database


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    """A desk with small numbers."""
    with open_desk(database, tmp_path / "calibration") as opened:
        yield opened
