"""How commands speak: data on stdout, talk on stderr (`Options.say`)."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mediant.cli.plain import plain

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's JSON instead of a table.")]
"""The option that every read has."""


def print_json(data: Any) -> None:
    """JSON on stdout, one document."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; empty cells for None. Cells are text, never markup."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else plain(str(cell))) for cell in row))
    Console().print(table)


def warn(text: str) -> None:
    """One line on stderr that nobody may miss."""
    print(plain(text), file=sys.stderr, flush=True)
