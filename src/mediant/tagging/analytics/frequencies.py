"""How often each key is used, and with how many different values."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from mediant.store.schema_tagging import tag_value
from mediant.tagging.analytics.digests import read_digests
from mediant.tagging.analytics.figures import TagFrequency
from mediant.tagging.counted import is_present
from mediant.tagging.digest import MOST

Seen = NDArray[np.bool_]
"""[MOST + 1]: which packed numbers occur."""


def count_keys(connection: Connection, limit: int) -> list[TagFrequency]:
    """Keys by the number of files that carry them; equal numbers by name.

    Decimals are counted from the packed digests; of other keys, which have few values each, the
    index is asked for one value after the other.
    """
    files: Counter[str] = Counter()
    seen: defaultdict[tuple[str, int], Seen] = defaultdict(lambda: np.zeros(MOST + 1, np.bool_))
    words: set[str] = set()
    for block in read_digests(connection):
        words.update(block.form.others)
        for key in (*block.form.others, *(key for key, _digits in block.form.decimals)):
            files[key] += block.count
        for column, decimal in enumerate(block.form.decimals):
            seen[decimal][block.numbers[:, column]] = True
    leading = sorted(files.items(), key=lambda item: (-item[1], item[0]))[:limit]
    decimals = _count_decimals(seen.items())
    return [
        TagFrequency(key, n, _count_values(connection, key) if key in words else decimals[key])
        for key, n in leading
    ]


def _count_decimals(seen: Iterable[tuple[tuple[str, int], Seen]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (key, _digits), values in seen:
        counts[key] += int(np.count_nonzero(values))
    return counts


def _count_values(connection: Connection, key: str) -> int:
    """Distinct values of a key, by one step through the index each, however many files have it."""
    own = (tag_value.c.key == key) & is_present(connection, tag_value.c.file_id)
    step = select(func.min(tag_value.c.value).label("value")).where(own).cte(recursive=True)
    following = select(func.min(tag_value.c.value)).where(own, tag_value.c.value > step.c.value)
    more = select(following.scalar_subquery()).where(step.c.value.is_not(None))
    steps = step.union_all(more)
    return connection.scalar(select(func.count(steps.c.value))) or 0
