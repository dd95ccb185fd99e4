"""How commands speak: data on stdout, talk on stderr (`Options.say`)."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mediant.cli.plain import plain
from mediant.errors import Refused

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's JSON instead of a table.")]
"""The option that every read has."""

INDENT = 4
"""Columns before a sentence that stands below a row."""


def print_json(data: Any) -> None:
    """JSON on stdout, one document."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; empty cells for None. Cells are text, never markup.

    It is folded to the terminal's width, or to `COLUMNS`; for a pipe or a file each row is a line.
    """
    cells = [["" if cell is None else plain(str(cell)) for cell in row] for row in rows]
    if not _has_width():
        widths = [max(map(cell_len, column)) for column in zip(head, *cells, strict=True)]
        for row in (head, *cells):
            print(_align(row, widths))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console().print(table)


def print_annotated(
    head: Sequence[str], rows: Iterable[tuple[Sequence[str], Sequence[str]]]
) -> None:
    """A narrow table on stdout: each row is its cells, and the sentences that stand below it,
    indented and wrapped to the terminal's width (or to `COLUMNS`), if it has any."""
    safe = [([plain(c) for c in cells], [plain(note) for note in notes]) for cells, notes in rows]
    columns = zip(head, *(cells for cells, _ in safe), strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    if not _has_width():
        for cells, notes in [(head, ()), *safe]:
            print(_align(cells, widths), *(" " * INDENT + note for note in notes), sep="\n")
        return
    console = Console()
    console.print(Text(_align(head, widths), style="bold", overflow="fold"))
    for cells, notes in safe:
        console.print(Text(_align(cells, widths), overflow="fold"))
        for note in notes:
            console.print(Padding(Text(note, overflow="fold"), (0, 0, 0, INDENT), expand=False))


def _has_width() -> bool:
    """Whether stdout shows lines of a certain width; a pipe or a file takes them as they are."""
    return sys.stdout.isatty() or bool(os.environ.get("COLUMNS"))


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def confirm(question: str) -> None:
    """Ask on stderr; `Refused` when nobody agrees, or nobody is there to be asked."""
    try:
        is_agreed = typer.confirm(question, err=True)
    except typer.Abort:  # also at the end of the input
        is_agreed = False
    if not is_agreed:
        raise Refused("Nothing was done: nobody agreed.", remedy="Say --yes to agree beforehand.")


def warn(text: str) -> None:
    """One line on stderr that nobody may miss."""
    print(plain(text), file=sys.stderr, flush=True)
