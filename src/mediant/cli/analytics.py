"""`mediant analytics`: how common tags and moods are, and what goes with what."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table
from mediant.errors import Invalid

app = typer.Typer(add_completion=False, no_args_is_help=True)

ROOM = "/tagging/analytics"

Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")]


@app.command()
def tags(ctx: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """Tag keys: how many files carry each, and how many values it has."""
    found = _ask(ctx, "/frequencies", limit=limit)
    if as_json:
        print_json(found)
        return
    rows = ((one["key"], one["files"], one["values"]) for one in found["frequencies"])
    print_table(("tag", "files", "values"), rows)


@app.command()
def moods(ctx: typer.Context, limit: Limit = 30, as_json: AsJson = False) -> None:
    """Moods: how many files have each, and their share of all tagged files."""
    found = _ask(ctx, "/moods", limit=limit)
    if as_json:
        print_json(found)
        return
    rows = ((one["mood"], one["files"], f"{one['percentage']:.1f} %") for one in found["moods"])
    print_table(("mood", "files", "share"), rows)


@app.command()
def correlations(
    ctx: typer.Context,
    top: Annotated[int, typer.Option(min=1, max=1000, help="So many of the commonest moods.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Moods: at which tiers each stands, and which others its files have."""
    found = _ask(ctx, "/correlations", top_n=top)
    if as_json:
        print_json(found)
        return
    rows = ((mood, *_tiers(found["tiers"][mood]), _join(o)) for mood, o in found["moods"].items())
    print_table(("mood", "strict", "regular only", "loose only", "together with"), rows)


def _tiers(shares: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{shares[tier]:.3f}" for tier in ("tier_s", "tier_a", "tier_b"))


def _join(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number:.3f}" for name, number in numbers.items())


@app.command()
def together(
    ctx: typer.Context,
    across: Annotated[
        list[str], typer.Option("-x", "--across", help="A column: KEY=VALUE. Up to 16 times.")
    ],
    down: Annotated[
        list[str], typer.Option("-y", "--down", help="A row: KEY=VALUE. Up to 16 times.")
    ],
    as_json: AsJson = False,
) -> None:
    """How many files carry two tags at once, as a table of tags against tags."""
    body = {"x": [_pair(text) for text in across], "y": [_pair(text) for text in down]}
    with open_door(ctx.obj) as door:
        found = door.call("POST", f"{ROOM}/co-occurrence", body=body)
    if as_json:
        print_json(found)
        return
    rows: Sequence[Sequence[Any]] = [
        (name, *counts) for name, counts in zip(down, found["matrix"], strict=True)
    ]
    print_table(("", *across), rows)


def _pair(text: str) -> dict[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise Invalid("This is not KEY=VALUE.", asset=text, remedy="For example: genre=Rock")
    return {"key": key, "value": value}


@app.command()
def genres(ctx: typer.Context, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Genres: how many files, their commonest moods and the means of their numbers."""
    found = _ask(ctx, "/genres", limit=limit)
    if as_json:
        print_json(found)
        return
    rows = (
        (
            one["genre"],
            one["files"],
            f"{one['percentage']:.1f} %",
            ", ".join(f"{m['mood']} {m['percentage']:.1f} %" for m in one["moods"]),
            ", ".join(f"{key} {mean:g}" for key, mean in one["means"].items()),
        )
        for one in found["genres"]
    )
    print_table(("genre", "files", "share", "moods", "means"), rows)


def _ask(ctx: typer.Context, path: str, **params: int) -> Any:
    with open_door(ctx.obj) as door:
        return door.call("GET", ROOM + path, params=params)
