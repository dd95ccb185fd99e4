"""`mediant detect FILES…`: which language is spoken."""

from pathlib import Path
from typing import Any

import typer

from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.cli.targets import check_paths
from mediant.cli.transcribe import Paths, enqueue_each, list_media, tell_trouble
from mediant.kernel.languages import find_language

app = typer.Typer(add_completion=False)


@app.command()
def detect(ctx: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """Listen to files and tell which language is spoken in them."""
    options: Options = ctx.obj
    check_paths(paths)
    files = list_media(paths)
    with open_door(options, works=True) as door:
        ids, n_refused = enqueue_each(door, "/subtitles/detect", files, {})
        ended = follow(door, ids, "Listening", quiet=options.is_quiet)
    if as_json:
        print_json(ended)
    else:
        print_table(("file", "state", "language", "code", "sure"), map(_row, ended))
    tell_trouble(options, ended)
    if n_refused or any(map(is_failure, ended)):
        raise typer.Exit(1)


def _row(job: Any) -> tuple[Any, ...]:
    result = job["result"] or {}
    code, sure = result.get("source_lang"), result.get("language_confidence")
    language = find_language(code)
    name = language.name if language else ("not known" if result else None)
    share = None if sure is None else f"{sure:.0%}"
    return Path(job["payload"]["path"]).name, job["state"], name, code, share
