"""Which keys the files carry, and what the decimals among them are like: from packed digests."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection

from mediant.tagging.analytics.digests import Digests, read_digests
from mediant.tagging.digest import MOST, MOST_DIGITS

_ONE: int = 10**MOST_DIGITS


@dataclass(slots=True)
class Decimals:
    """A key that holds one plain decimal wherever it is carried."""

    files: int = 0
    least: float = float("inf")
    most: float = float("-inf")
    total: int = 0
    """The sum, times 10^`MOST_DIGITS`: whole numbers lose nothing."""

    @property
    def mean(self) -> float:
        """Over the files that carry the key."""
        return self.total / _ONE / self.files

    def add(self, codes: Mapping[str, int], digits: int, files: int) -> None:
        """Take in more files. `codes`: least, most and total without their points."""
        self.files += files
        self.least = min(self.least, codes["least"] / 10**digits)
        self.most = max(self.most, codes["most"] / 10**digits)
        self.total += codes["total"] * 10 ** (MOST_DIGITS - digits)


@dataclass(frozen=True, slots=True)
class Carried:
    """The keys of present files."""

    files: Counter[str] = field(default_factory=Counter)
    """Key -> the files that carry it, however many values each has."""
    decimals: dict[str, Decimals] = field(default_factory=dict)
    """Only the keys that hold one plain decimal in each file that has them."""


def measure_carried(connection: Connection) -> Carried:
    """One pass over the digests of all present files."""
    carried = Carried()
    others: set[str] = set()
    for block in read_digests(connection):
        others.update(block.form.others)
        carried.files.update(dict.fromkeys(block.form.others, block.count))
        carried.files.update({key: block.count for key, _digits in block.form.decimals})
        _add_block(carried.decimals, block)
    for key in others:
        carried.decimals.pop(key, None)
    return carried


def _add_block(found: dict[str, Decimals], block: Digests) -> None:
    least = block.numbers.min(axis=0, initial=MOST).tolist()
    most = block.numbers.max(axis=0, initial=0).tolist()
    total = block.numbers.sum(axis=0, dtype=np.int64).tolist()
    columns: Iterable[tuple[int, int, int]] = zip(least, most, total, strict=True)
    for (key, digits), (low, high, sum_) in zip(block.form.decimals, columns, strict=True):
        codes = {"least": low, "most": high, "total": sum_}
        found.setdefault(key, Decimals()).add(codes, digits, block.count)
