"""CRC-32C: known values, and equality with the plain definition bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.models.crc32c import crc32c, unmask


def _bit_by_bit(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"a", 0xC1D04330),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_known_values(data, expected):
    assert crc32c(data) == expected


@given(st.binary(max_size=2000))
def test_equals_the_definition(data):
    assert crc32c(data) == _bit_by_bit(data)


@given(st.integers(min_value=0, max_value=0xFFFFFFFF))
def test_unmask_undoes_the_mask(crc):
    masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    assert unmask(masked) == crc
