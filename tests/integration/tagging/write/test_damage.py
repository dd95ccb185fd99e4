"""Damaged files: each is either written rightly or refused with a `WriteError`, never harmed."""

import random

import pytest
from tests.integration.tagging.write.music import TAGS, WRITABLE, sha256, write

from mediant.errors import WriteError
from mediant.kernel.paths import temp_beside
from mediant.tagging.write import read_own

ROUNDS = 60


@pytest.mark.parametrize("suffix", WRITABLE)
def test_damage_is_refused_or_survived(song, undo, suffix):
    chance = random.Random(suffix)
    path = song(suffix)
    whole = path.read_bytes()
    written = 0
    for _ in range(ROUNDS):
        path.write_bytes(damaged(whole, chance))
        before = sha256(path)
        try:
            prepared = write(path, TAGS)
        except WriteError:
            assert sha256(path) == before
            assert not temp_beside(path).exists()
            continue
        written += 1
        assert read_own(path, "nom") == TAGS
        assert undo(path, prepared) == "exact"
        assert sha256(path) == before
    assert written > 0


def damaged(data, chance):
    """A few changed bytes, most of them among the headers at both ends; or a file cut short."""
    data = bytearray(data)
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))]
    for _ in range(chance.randint(1, 4)):
        near = chance.choice([chance.randrange(3000), -1 - chance.randrange(3000)])
        data[near] = chance.randrange(256)
    return data
