"""CRC-32C (Castagnoli) over megabytes, without a loop over bytes.

A CRC without its initial and final inversions is linear, and zeros before the data leave it at
zero. So the data are cut into equal lanes, all lanes run byte by byte side by side in one numpy
vector, and neighbours are then joined in pairs: the left one is advanced over the length of the
right one. "Advance by S zero bytes" is linear too: four tables of 256 entries, doubled with S.
"""

import numpy as np
import numpy.typing as npt

_POLYNOMIAL = 0x82F63B78
_ALL_ONES = 0xFFFFFFFF
_LANE_BYTES = 256
_INVERTED_BYTES = 4
_MASK_DELTA = 0xA282EAD8
_BITS = 32
_MASK_SHIFT = 15

Words = npt.NDArray[np.uint32]


def crc32c(data: bytes) -> int:
    """The CRC-32C of the data, as iSCSI and LevelDB tables define it."""
    table = _byte_table()
    if len(data) < _INVERTED_BYTES:
        return _crc_of_few(data, table)
    lanes = _lay_into_lanes(data)
    crcs = np.zeros(lanes.shape[1], dtype=np.uint32)
    for row in lanes:
        crcs = table[(crcs ^ row) & 0xFF] ^ (crcs >> 8)
    return _join(crcs, _advance_tables(table)) ^ _ALL_ONES


def unmask(stored: int) -> int:
    """The CRC behind the masked form in which LevelDB tables and checkpoints store it."""
    rotated = (stored - _MASK_DELTA) & _ALL_ONES
    return (rotated >> (_BITS - _MASK_SHIFT)) | ((rotated << _MASK_SHIFT) & _ALL_ONES)


def _byte_table() -> Words:
    """The CRC of each single byte."""
    crcs = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crcs = np.where(crcs & 1, (crcs >> 1) ^ np.uint32(_POLYNOMIAL), crcs >> 1)
    return crcs


def _crc_of_few(data: bytes, table: Words) -> int:
    crc = _ALL_ONES
    for byte in data:
        crc = int(table[(crc ^ byte) & 0xFF]) ^ (crc >> 8)
    return crc ^ _ALL_ONES


def _lay_into_lanes(data: bytes) -> npt.NDArray[np.uint8]:
    """[byte in lane, lane]: zeros in front up to a power of two of lanes; the initial inversion
    is the same as inverting the first four bytes."""
    count = 1 << (-(-len(data) // _LANE_BYTES) - 1).bit_length()
    flat = np.zeros(count * _LANE_BYTES, dtype=np.uint8)
    flat[-len(data) :] = np.frombuffer(data, dtype=np.uint8)
    start = flat.size - len(data)
    flat[start : start + _INVERTED_BYTES] ^= 0xFF
    return np.ascontiguousarray(flat.reshape(count, _LANE_BYTES).T)


def _advance_tables(table: Words) -> Words:
    """[byte of the CRC, its value]: what one lane's length of zeros makes of a CRC."""
    single = np.arange(256, dtype=np.uint32)
    tables = np.stack([table, single, single << 8, single << 16])
    for _ in range(_LANE_BYTES.bit_length() - 1):
        tables = _advance(tables, tables)
    return tables


def _advance(crcs: Words, tables: Words) -> Words:
    result: Words = tables[0][crcs & 0xFF] ^ tables[1][(crcs >> 8) & 0xFF]
    result ^= tables[2][(crcs >> 16) & 0xFF] ^ tables[3][crcs >> 24]
    return result


def _join(crcs: Words, tables: Words) -> int:
    while crcs.size > 1:
        crcs = _advance(crcs[0::2], tables) ^ crcs[1::2]
        tables = _advance(tables, tables)
    return int(crcs[0])
