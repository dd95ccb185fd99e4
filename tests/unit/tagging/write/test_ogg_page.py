"""Ogg pages: checksums as in RFC 3533, renumbering there and back."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from mediant.tagging.write.ogg_page import checksum, parse_page, renumber, seal

POLYNOMIAL = 0x04C11DB7


def slow_checksum(data):
    """Bit by bit, as the standard words it."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (POLYNOMIAL if register & 0x80000000 else 0)
            register &= 0xFFFFFFFF
    return register


def page(number, body):
    lacings = bytes([255] * (len(body) // 255) + [len(body) % 255])
    header = b"OggS" + struct.pack("<BBqIIIB", 0, 0, 0, 7, number, 0, len(lacings))
    return seal(header + lacings + body)


@given(st.binary(max_size=500))
def test_the_fast_checksum_is_that_of_the_standard(data):
    assert checksum(data) == slow_checksum(data)


@given(st.integers(0, 2**32 - 1), st.binary(max_size=2000), st.integers(-50, 50))
def test_renumbering_is_undone_by_its_opposite(number, body, by):
    data = page(number, body)
    moved = renumber(data, by)
    assert renumber(moved, -by) == data
    assert seal(moved) == moved
    found = parse_page(moved, 0, 100)
    assert found is not None
    assert (found.number, found.start) == ((number + by) % 2**32, 100)
    assert found.end - found.start == len(data)


def test_what_is_no_page_is_none():
    assert parse_page(b"OggS\x01" + bytes(40), 0, 0) is None
    assert parse_page(b"OggS\0", 0, 0) is None
