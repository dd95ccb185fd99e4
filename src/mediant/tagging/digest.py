"""A track's tags once more, packed for counting: `tag_digest`. Pure.

A library has millions of numbers among its tags, nearly all of them different. Counting and
averaging them row by row takes seconds; packed into one short text a track it takes a moment.
"""

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST = 0xFFFF
"""A packed number without its point, at most: each takes four hexadecimal digits."""
MOST_DIGITS = 4
"""Behind the point."""

_DECIMAL = re.compile(rf"(0|[1-9][0-9]{{0,4}})\.([0-9]{{1,{MOST_DIGITS}}})")


@dataclass(frozen=True, slots=True)
class Form:
    """Which keys a track carries.

    `decimals` are the keys with one packed number, each with its digits behind the point, sorted;
    `others` all other keys, sorted. Tracks of equal form have packed numbers of equal meaning.
    """

    decimals: tuple[tuple[str, int], ...]
    others: tuple[str, ...]

    @property
    def id(self) -> int:
        """A number for this form, of its content: 56 bits of BLAKE2b."""
        text = repr((self.decimals, self.others))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest())


@dataclass(frozen=True, slots=True)
class Digest:
    """What `tag_digest` keeps of a track's tags."""

    form: Form
    numbers: str
    """One number after the other, without the point, as four hexadecimal digits each."""


def digest_tags(tags: Mapping[str, Sequence[str]]) -> Digest:
    """Pack tags. A key is packed when its only value is a plain decimal such as `0.1234`."""
    decimals: list[tuple[str, int]] = []
    codes: list[int] = []
    others: list[str] = []
    for key, values in sorted(tags.items()):
        found = _find_decimal(values)
        code = int(found[1] + found[2]) if found else MOST + 1
        if found and code <= MOST:
            decimals.append((key, len(found[2])))
            codes.append(code)
        elif values:
            others.append(key)
    numbers = struct.pack(f">{len(codes)}H", *codes).hex()
    return Digest(Form(tuple(decimals), tuple(others)), numbers)


def _find_decimal(values: Sequence[str]) -> re.Match[str] | None:
    is_single = len(values) == 1 or len(set(values)) == 1
    return _DECIMAL.fullmatch(values[0]) if is_single else None
