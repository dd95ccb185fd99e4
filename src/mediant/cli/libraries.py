"""`mediant libraries`: list, add, change, remove; path maps."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table
from mediant.cli.scan import choose

app = typer.Typer(add_completion=False, invoke_without_command=True)
maps = typer.Typer(add_completion=False, invoke_without_command=True)
app.add_typer(maps, name="maps", help="Folders as other containers name them.")

Watch = Annotated[
    Literal["off", "event", "poll"] | None, typer.Option(help="How changes are noticed.")
]
Write = Annotated[
    Literal["none", "minimal", "full"] | None, typer.Option(help="What is written into files.")
]
Name = Annotated[str, typer.Argument(help="Name or id of a library.")]


@app.callback()
def list_all(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the libraries."""
    if ctx.invoked_subcommand:
        return
    with open_door(ctx.obj) as door:
        found = door.call("GET", "/libraries")["items"]
    if as_json:
        print_json(found)
        return
    head = ("id", "name", "folder", "watch", "write", "last scan")
    print_table(head, (_row(one) for one in found))


def _row(one: Any) -> tuple[Any, ...]:
    last = one["scan_error"] or one["scanned_at"] or one["scan_state"]
    return one["id"], one["name"], one["root_path"], one["watch_mode"], one["write_mode"], last


@app.command()
def add(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder that holds the music.")],
    name: Annotated[str | None, typer.Option(help="Its name; the folder's without it.")] = None,
    watch: Watch = None,
    write: Write = None,
) -> None:
    """Add a folder. Its files are not touched unless a write mode says so."""
    root = folder.expanduser().resolve()
    body = {"name": name or root.name, "root_path": str(root)}
    body |= _given(watch_mode=watch, write_mode=write)
    with open_door(ctx.obj) as door:
        entry = door.call("POST", "/libraries", body=body)
    ctx.obj.say(f"Added library {entry['id']}, {entry['name']}. Next: mediant scan {entry['id']}")


@app.command()
def change(
    ctx: typer.Context,
    library: Name,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where its folder is now.")] = None,
    watch: Watch = None,
    write: Write = None,
    enabled: Annotated[bool | None, typer.Option(help="Whether it is scanned.")] = None,
) -> None:
    """Change a library."""
    root = str(folder.expanduser().resolve()) if folder else None
    body = _given(name=name, root_path=root, watch_mode=watch, write_mode=write, is_enabled=enabled)
    with open_door(ctx.obj) as door:
        entry = choose(door, library)[0]
        door.call("PATCH", f"/libraries/{entry['id']}", body=body)
    ctx.obj.say(f"Changed {entry['name']}.")


@app.command()
def remove(
    ctx: typer.Context,
    library: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a library and what is known of its tracks. The files stay as they are."""
    with open_door(ctx.obj) as door:
        entry = choose(door, library)[0]
        if not yes:
            typer.confirm(f"Forget {entry['name']} and its analyses?", abort=True, err=True)
        door.call("DELETE", f"/libraries/{entry['id']}")
    ctx.obj.say(f"Removed {entry['name']}; its files are untouched.")


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@maps.callback()
def list_maps(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the path maps."""
    if ctx.invoked_subcommand:
        return
    with open_door(ctx.obj) as door:
        found = door.call("GET", "/libraries/path-maps")["items"]
    if as_json:
        print_json(found)
    else:
        print_table(("id", "theirs", "ours"), ((m["id"], m["theirs"], m["ours"]) for m in found))


@maps.command("add")
def add_map(
    ctx: typer.Context,
    theirs: Annotated[str, typer.Argument(help="The folder as the other container names it.")],
    ours: Annotated[str, typer.Argument(help="The same folder here.")],
) -> None:
    """Add a path map."""
    with open_door(ctx.obj) as door:
        door.call("POST", "/libraries/path-maps", body={"theirs": theirs, "ours": ours})
    ctx.obj.say(f"{theirs} is {ours} here.")


@maps.command("remove")
def remove_map(ctx: typer.Context, number: Annotated[int, typer.Argument(help="Its id.")]) -> None:
    """Remove a path map."""
    with open_door(ctx.obj) as door:
        door.call("DELETE", f"/libraries/path-maps/{number}")
    ctx.obj.say("Removed.")
