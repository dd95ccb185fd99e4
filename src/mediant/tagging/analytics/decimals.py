"""What the decimals among the tags are like, from the packed digests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


def measure_decimals(connection: Connection) -> dict[str, Decimals]:
    """Key -> its figures over present files. Keys that hold anything else in some file are out."""
    found: dict[str, Decimals] = {}
    others: set[str] = set()
    for block in read_digests(connection):
        others.update(block.form.others)
        _add_block(found, block)
    return {key: one for key, one in found.items() if key not in others}


def _add_block(found: dict[str, Decimals], block: Digests) -> None:
    least = block.numbers.min(axis=0, initial=MOST).tolist()
    most = block.numbers.max(axis=0, initial=0).tolist()
    total = block.numbers.sum(axis=0, dtype=np.int64).tolist()
    columns: Iterable[tuple[int, int, int]] = zip(least, most, total, strict=True)
    for (key, digits), (low, high, sum_) in zip(block.form.decimals, columns, strict=True):
        codes = {"least": low, "most": high, "total": sum_}
        found.setdefault(key, Decimals()).add(codes, digits, block.count)
