"""Fingerprints of contents."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.library.fingerprint import block_offsets, read_fingerprint

BLOCK = 32 * 1024


@given(st.integers(0, 10 * 1024 * 1024 * 1024))
def test_blocks_lie_in_the_file_and_reach_its_end(size):
    offsets = block_offsets(size)
    assert len(offsets) <= 8
    assert offsets == sorted(set(offsets))
    assert all(0 <= offset < size for offset in offsets)
    assert not offsets or max(offsets) + BLOCK >= size
    assert size == 0 or offsets[0] == 0


@pytest.mark.parametrize("size", [1, BLOCK, 8 * BLOCK, 8 * BLOCK + 1, 3_000_000])
def test_first_and_last_byte_count(tmp_path, size):
    data = bytearray(os.urandom(size))
    path = tmp_path / "x"
    path.write_bytes(data)
    prints = [read_fingerprint(path)]
    for position in {0, size - 1}:
        changed = bytearray(data)
        changed[position] ^= 1
        path.write_bytes(changed)
        prints.append(read_fingerprint(path))
    assert len(set(prints)) == len(prints)
    assert all(len(one) == 16 for one in prints)


def test_every_byte_of_a_small_file_counts(tmp_path):
    path = tmp_path / "x"
    prints = set()
    for position in range(0, 8 * BLOCK, 4099):
        data = bytearray(8 * BLOCK)
        data[position] = 1
        path.write_bytes(data)
        prints.add(read_fingerprint(path))
    assert len(prints) == len(range(0, 8 * BLOCK, 4099))


def test_a_copy_has_the_same(tmp_path):
    (tmp_path / "a").write_bytes(os.urandom(500_000))
    (tmp_path / "b").write_bytes((tmp_path / "a").read_bytes())
    assert read_fingerprint(tmp_path / "a") == read_fingerprint(tmp_path / "b")
