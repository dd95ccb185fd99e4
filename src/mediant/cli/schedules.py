"""`mediant jobs schedules`: jobs that come again by the clock."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table
from mediant.errors import Invalid

app = typer.Typer(add_completion=False, invoke_without_command=True)

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
PATH = "/jobs/schedules"
FIELDS = ("name", "kind", "cron", "tz", "enabled", "next_run", "last_run")


@app.callback()
def list_schedules(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the schedules, or change them."""
    if ctx.invoked_subcommand:
        return
    with open_door(ctx.obj) as door:
        found = door.call("GET", PATH)["items"]
    if as_json:
        print_json(found)
        return
    print_table(FIELDS, (tuple(one[field] for field in FIELDS) for one in found))


@app.command()
def add(
    ctx: typer.Context,
    name: Name,
    kind: Annotated[str, typer.Argument(help="Kind of the job, such as scan.")],
    cron: Annotated[str, typer.Argument(help='A cron line, such as "0 3 * * *".')],
    tz: Annotated[
        str | None, typer.Option(help="Its time zone, like Europe/Berlin; else the server's.")
    ] = None,
    payload: Annotated[str, typer.Option(help="What the job gets, as JSON.")] = "{}",
) -> None:
    """Have a job enqueued by the clock."""
    body = {"name": name, "kind": kind, "cron": cron, "tz": tz, "payload": _read(payload)}
    with open_door(ctx.obj) as door:
        made = door.call("POST", PATH, body=body)
    ctx.obj.say(_tell_next(made))


def _tell_next(made: Mapping[str, Any]) -> str:
    return f"{made['name']} runs next at {made['next_run']} ({made['tz']})."


def _read(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError as bad:
        raise Invalid(f"This is not JSON: {bad}.", asset="--payload") from bad


@app.command()
def remove(ctx: typer.Context, name: Name) -> None:
    """Forget a schedule; its jobs stay."""
    with open_door(ctx.obj) as door:
        door.call("DELETE", f"{PATH}/{name}")
    ctx.obj.say(f"{name} is forgotten.")


@app.command()
def enable(ctx: typer.Context, name: Name) -> None:
    """Switch a schedule on; nothing is made up for."""
    with open_door(ctx.obj) as door:
        made = door.call("PATCH", f"{PATH}/{name}", body={"enabled": True})
    ctx.obj.say(_tell_next(made))


@app.command()
def disable(ctx: typer.Context, name: Name) -> None:
    """Switch a schedule off."""
    with open_door(ctx.obj) as door:
        door.call("PATCH", f"{PATH}/{name}", body={"enabled": False})
    ctx.obj.say(f"{name} is switched off.")
