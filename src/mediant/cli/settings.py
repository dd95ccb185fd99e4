"""`mediant settings`: every setting, where its value comes from, and changing it."""

import json
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.errors import NotFound

app = typer.Typer(add_completion=False, no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="Its dotted name, such as tagging.write_mode.")]
PATH = "/system/settings"
FACTS = ("name", "value", "default", "source", "set_by", "shadows", "is_live", "is_changeable")


@app.command("list")
def list_all(
    ctx: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only those that are not as by default.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every setting with its value and who says it: mediant.yaml, the environment, or a
    change at run time (stored)."""
    with open_door(ctx.obj, mends=True) as door:
        found = door.call("GET", f"{PATH}/entries")["items"]
    if changed:
        found = [one for one in found if one["source"] != "default" or one["fault"]]
    if as_json:
        print_json(found)
        return
    print_table(("setting", "value", "source"), (_row(one) for one in found))
    for one in found:
        _warn(one)


def _row(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return one["name"], _text(one["value"]), one["set_by"] or one["source"]


@app.command()
def show(ctx: typer.Context, key: Key, as_json: AsJson = False) -> None:
    """Show one setting: its value, its default, who says it, what it means."""
    with open_door(ctx.obj, mends=True) as door:
        one = _find(door, key)
    if as_json:
        print_json(one)
        return
    print_table(("fact", "value"), ((name, _text(one[name])) for name in FACTS))
    print(one["description"])
    _warn(one)


@app.command("set")
def set_value(
    ctx: typer.Context,
    key: Key,
    value: Annotated[
        str, typer.Argument(help="Its value; a list with commas; - reads a line, for secrets.")
    ],
) -> None:
    """Change a setting. It beats mediant.yaml from now on; nothing beats the environment."""
    given = sys.stdin.readline().rstrip("\r\n") if value == "-" else value
    with open_door(ctx.obj, mends=True) as door:
        _find(door, key)
        done = door.call("PATCH", PATH, body={key: given})
        one = _find(door, key)
    _tell(ctx, one, done)


@app.command()
def reset(ctx: typer.Context, key: Key) -> None:
    """Take a change back, so that mediant.yaml or the default is in force again."""
    with open_door(ctx.obj, mends=True) as door:
        before = _find(door, key)
        done = door.call("PATCH", PATH, body={key: None})
        one = None if _is_foreign(before) else _find(door, key)
    if one is None:
        ctx.obj.say(f"{key} is not stored any more.")
    else:
        _tell(ctx, one, done)


def _is_foreign(one: Mapping[str, Any]) -> bool:
    """Whether no setting of this version has the name: nothing but a fault is told of it."""
    return one["fault"] is not None and not one["is_changeable"]


def _find(door: Door, key: str) -> Any:
    entries = {one["name"]: one for one in door.call("GET", f"{PATH}/entries")["items"]}
    if key in entries:
        return entries[key]
    near = get_close_matches(key, entries, 1)
    remedy = f"Did you mean {near[0]}?" if near else "See: mediant settings list"
    raise NotFound("There is no such setting.", asset=key, remedy=remedy)


def _tell(ctx: typer.Context, one: Mapping[str, Any], done: Mapping[str, Any]) -> None:
    ctx.obj.say(f"{one['name']} is {_text(one['value']) or 'empty'} ({one['source']}).")
    if done["restart_needed"]:
        ctx.obj.say("A running server takes it up at its next start.")


def _warn(one: Mapping[str, Any]) -> None:
    if one["fault"] is not None:
        warn(f"{one['name']}: {one['fault']}")
    if one["shadows"] is not None:
        line = f"{one['name']}: {_text(one['shadows'])}"
        warn(
            f"mediant.yaml says `{line}`, but the stored value is in force. "
            f"To let the file decide: mediant settings reset {one['name']}"
        )
    if one["waits_for_restart"]:
        warn(f"{one['name']} waits for the next start of the server.")


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value)
