"""Real speech for contract tests, and the marks of those that need it."""

from pathlib import Path

import pytest

SPEECH = Path(__file__).parents[2] / "corpora" / "speech"
NEEDS_SPEECH = [
    pytest.mark.models,
    pytest.mark.corpus,
    pytest.mark.skipif(not SPEECH.is_dir(), reason="no speech: run `make corpora`"),
]
