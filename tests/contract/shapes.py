"""Does an answer have the keys and the JSON types of a documented example?"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "data" / "endpoints.json"


def read_rows(family: str) -> list[dict[str, Any]]:
    """The rows of one family."""
    rows: list[dict[str, Any]] = json.loads(TABLE.read_text())["endpoints"]
    return [row for row in rows if row["family"] == family]


def differences(example: Any, answer: Any, nullable: frozenset[str], at: str = "") -> Iterator[str]:
    """Where an answer departs from an example. More keys are allowed, fewer are not.

    A null of the example, and a key in `nullable`, may be null or anything.
    """
    if example is None or (answer is None and at.rpartition(".")[2] in nullable):
        return
    if type(example) is not type(answer):
        yield f"{at or 'body'}: {type(answer).__name__}, documented {type(example).__name__}"
    elif isinstance(example, Mapping):
        for key, value in example.items():
            if key not in answer:
                yield f"{at}.{key}: missing"
            else:
                yield from differences(value, answer[key], nullable, f"{at}.{key}")
    elif isinstance(example, list) and example:
        for n, one in enumerate(answer):
            yield from differences(example[0], one, nullable, f"{at}[{n}]")
