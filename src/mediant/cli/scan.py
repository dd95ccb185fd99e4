"""`mediant scan`: look for new, changed and vanished files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.cli.unread import list_troubles
from mediant.errors import NotFound

app = typer.Typer(add_completion=False)

COUNTS = {
    "seen": "seen",
    "added": "added",
    "changed": "changed",
    "moved": "moved",
    "returned": "returned",
    "missing": "missing",
    "ignored": "ignored",
    "skipped": "passed over",
    "unread": "unread",
}
"""Columns: key of a scan's result -> what it is called."""


@app.command()
def scan(
    ctx: typer.Context,
    library: Annotated[
        str | None, typer.Argument(help="Name or id of one library; all without it.")
    ] = None,
    path: Annotated[
        list[Path] | None, typer.Option(help="Only these folders or files of it.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Queue unchanged files, too, that lack an analysis or their tags "
            "(to analyse all anew: `mediant tag --force`).",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Scan the libraries. Files that are gone are marked missing; nothing is deleted.

    Ends with 1 when something could not be read."""
    options: Options = ctx.obj
    with open_door(options, works=True) as door:
        libraries = choose(door, library)
        body: dict[str, Any] = {"force": force}
        if path:
            body["paths"] = [str(one.resolve()) for one in path]
        wishes = [door.call("POST", f"/libraries/{one['id']}/scan", body=body) for one in libraries]
        ended = follow(door, wishes, "Scanning", quiet=options.is_quiet)
    if as_json:
        print_json(ended)
    else:
        _print_scans(libraries, ended)
    for line in [line for job in ended for line in list_troubles(job["result"] or {}, job["id"])]:
        warn(line)
    if any(is_failure(job) or (job["result"] or {}).get("unread") for job in ended):
        raise typer.Exit(1)


def _print_scans(libraries: list[Any], ended: list[Any]) -> None:
    rows = (
        (one["name"], job["error"] or job["state"], *_counts(job))
        for one, job in zip(libraries, ended, strict=True)
    )
    print_table(("library", "state", *COUNTS.values()), rows)


def _counts(job: Any) -> list[Any]:
    result = job["result"] or {}
    return [result.get(name) for name in COUNTS]


def choose(door: Door, name: str | None) -> list[Any]:
    """The named library (by name or id), or all that are enabled. Raises NotFound."""
    params = {"enabled_only": name is None}
    found: list[Any] = door.call("GET", "/libraries", params=params)["items"]
    if name is not None:
        found = [one for one in found if name in {one["name"], str(one["id"])}]
    if not found:
        remedy = "See `mediant libraries`; add one with `mediant libraries add FOLDER`."
        raise NotFound("There is no such library.", asset=name, remedy=remedy)
    return found
