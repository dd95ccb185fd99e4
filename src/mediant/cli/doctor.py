"""`mediant doctor`: look for what is wrong."""

from typing import Annotated

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also what is in order.")] = False,
    as_json: AsJson = False,
) -> None:
    """Examine the installation; the exit code is 1 when something is wrong."""
    with open_door(ctx.obj) as door:
        findings = door.call("GET", "/system/doctor")["items"]
        info = door.call("GET", "/system/info")
    if as_json:
        print_json({"findings": findings, "info": info})
    else:
        shown = [one for one in findings if all_ or one["level"] != "ok"]
        rows = ((f["level"], f["check"], f["asset"], f["text"], f["remedy"]) for f in shown)
        print_table(("level", "check", "what", "finding", "remedy"), rows)
        print_table(("fact", "value"), ((name, str(value)) for name, value in info.items()))
    if any(one["level"] == "error" for one in findings):
        raise typer.Exit(1)
