"""`mediant navidrome`: tags, configuration, previews and smart playlists for Navidrome."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.errors import Refused
from mediant.kernel.units import count

app = typer.Typer(add_completion=False, no_args_is_help=True)

ROOM = "/tagging/navidrome"

Query = Annotated[str, typer.Argument(help="For example: nom:mood_happy is true AND energy > 0.5")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of the screen.")
]


@app.command()
def tags(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the tags of this library, their types and what they hold."""
    found = _call(ctx, "GET", "/tags")
    if as_json:
        print_json(found)
        return
    rows = ((t["key"], t["type"], t["files"], t["summary"]) for t in found["tags"])
    print_table(("tag", "type", "files", "holds"), rows)


@app.command()
def config(ctx: typer.Context, output: Output = None, as_json: AsJson = False) -> None:
    """Print the text to append to navidrome.toml. Then Navidrome needs a full scan."""
    found = _call(ctx, "GET", "/config")
    if as_json:
        print_json(found)
        return
    _hand_over(ctx.obj, found["config"], output)


@app.command()
def preview(
    ctx: typer.Context,
    query: Query,
    limit: Annotated[int, typer.Option(help="How many tracks to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show which tracks a query finds now."""
    found = _call(ctx, "POST", "/preview", {"query": query, "limit": limit})
    if as_json:
        print_json(found)
        return
    rows = ((t["artist"], t["title"], t["path"]) for t in found["tracks"])
    print_table(("artist", "title", "path"), rows)
    ctx.obj.say(f"{count(found['matched'], 'track')}.")


@app.command()
def playlist(
    ctx: typer.Context,
    query: Query,
    name: Annotated[str, typer.Option(help="The playlist's name.")],
    comment: Annotated[str, typer.Option(help="By default it states the query.")] = "",
    limit: Annotated[int | None, typer.Option(help="How many tracks at most.")] = None,
    sort: Annotated[
        str | None, typer.Option(help="`random`, or fields like -year,title or -mood_happy.")
    ] = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Make a smart playlist: an .nsp file for a folder that Navidrome scans."""
    body = {"query": query, "name": name, "comment": comment, "limit": limit, "sort": sort}
    found = _call(ctx, "POST", "/playlists", body)
    if as_json:
        print_json(found)
        return
    _hand_over(ctx.obj, found["content"] + "\n", output)


@app.command()
def templates(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List queries to begin with; each finds something in this library."""
    found = _call(ctx, "GET", "/templates")["items"]
    if as_json:
        print_json(found)
        return
    rows = ((t["name"], t["files"], t["query"]) for t in found)
    print_table(("template", "tracks", "query"), rows)


def _call(ctx: typer.Context, method: str, path: str, body: Any = None) -> Any:
    with open_door(ctx.obj) as door:
        return door.call(method, ROOM + path, body=body)


def _hand_over(options: Options, text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as failed:
        why = f"The file cannot be written ({failed.strerror})."
        raise Refused(why, asset=str(output)) from failed
    options.say(f"Written: {output}")
