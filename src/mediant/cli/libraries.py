"""`mediant libraries`: list, add, change, remove; path maps."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, confirm, print_json, print_table
from mediant.cli.scan import choose
from mediant.errors import NotFound
from mediant.kernel.units import count

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
    root = _existing(folder)
    # The root of all folders has no name; the server says what is wrong with it.
    body = {"name": name or root.name or str(root), "root_path": str(root)}
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
    root = str(_existing(folder)) if folder else None
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
    forget_undo: Annotated[
        bool,
        typer.Option("--forget-undo", help="Even where our tags in files can still be undone."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be forgotten.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a library and what is known of its tracks. The files stay as they are.

    Refused while tags that were written into its files can still be undone."""
    if as_json and not dry_run:
        raise typer.BadParameter("it goes with --dry-run", param_hint="--json")
    with open_door(ctx.obj) as door:
        entry = choose(door, library)[0]
        held = door.call("GET", f"/libraries/{entry['id']}/holdings")
        if dry_run:
            _print_holdings(entry, held, as_json=as_json)
            return
        if not yes and not (held["undoable"] and not forget_undo):
            confirm(_question(entry, held))
        params = {"forget_undo": forget_undo}
        door.call("DELETE", f"/libraries/{entry['id']}", params=params)
    ctx.obj.say(f"Removed {entry['name']}; its files are untouched.")


def _existing(folder: Path) -> Path:
    """The whole path of a folder that is there; `NotFound`."""
    root = folder.expanduser().resolve()
    if not root.exists():
        raise NotFound("There is no such folder.", asset=str(root))
    return root


def _question(entry: Any, held: Any) -> str:
    lost = f"{entry['name']} and its analyses"
    if held["undoable"]:
        lost += f", and how the tags in {count(held['undoable'], 'file')} can be undone"
    return f"Forget {lost}?"


def _print_holdings(entry: Any, held: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(held)
        return
    head = ("library", "files", "analysed", "can be undone")
    print_table(head, [(entry["name"], held["files"], held["tracks"], held["undoable"])])


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
