"""Whole numbers from outside, small enough for a database column."""

from typing import Annotated

from annotated_types import Ge, Le

LARGEST = 2**63 - 1
"""Both databases keep 64 bits; a larger number would be their error, not the caller's."""

RowId = Annotated[int, Ge(0), Le(LARGEST)]
"""The id of a row, or a position in a list."""
