"""Real videos, and the real sandbox that looks into them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mediant.jobs.sandbox import Sandbox
from mediant.subtitles.inspection.inspect import inspect_video, open_sandbox
from mediant.subtitles.inspection.video import Video
from mediant.testing.videos import VideoFactory


@pytest.fixture
def videos(tmp_path: Path) -> VideoFactory:
    """Files of any kind, in a folder of their own."""
    return VideoFactory(tmp_path / "films")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The process that reads containers."""
    with open_sandbox() as opened:
        yield opened


@pytest.fixture
def look(sandbox: Sandbox) -> Callable[[Path], Video]:
    """What is in a file."""
    return lambda path: inspect_video(path, sandbox)
