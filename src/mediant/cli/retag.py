"""`mediant retag`: new moods and tags from stored scores, without listening again."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.cli.scan import choose
from mediant.kernel.units import count

app = typer.Typer(add_completion=False)

COUNTS = (
    "tracks", "moods_changed", "tags_changed", "files_to_write", "outdated_models",
    "outdated_files",
)  # fmt: skip


@app.command()
def retag(
    ctx: typer.Context,
    library: Annotated[
        str | None, typer.Option(help="Name or id of one library; all without it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would change; change nothing.")
    ] = False,
    rewrite_all: Annotated[
        bool, typer.Option("--all", help="Write every file whose tags differ, not only its moods.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give all tracks the words of the calibration in force. Files are written where the mood
    words changed and their library is written to; `mediant tag undo` takes each write back."""
    options: Options = ctx.obj
    with open_door(options, works=True) as door:
        body: dict[str, Any] = {"dry_run": dry_run, "rewrite_all": rewrite_all}
        if library is not None:
            body["library_id"] = choose(door, library)[0]["id"]
        wish = door.call("POST", "/tagging/retag", body=body)
        (job,) = follow(door, [wish], "Retagging", quiet=options.is_quiet)
    if as_json:
        print_json(job)
    else:
        _print(job)
    if job["children_failed"]:
        files = count(job["children_failed"], "file")
        warn(f"mediant: {files} could not be written; see `mediant jobs`.")
    if is_failure(job) or job["children_failed"]:
        raise typer.Exit(1)


def _print(job: Mapping[str, Any]) -> None:
    found = job["result"] or {}
    state = job["error"] or ("dry run" if found.get("dry_run") else job["state"])
    counts = [found.get(name) for name in COUNTS]
    print_table(("state", "calibration", *COUNTS), [(state, found.get("calibration"), *counts)])
