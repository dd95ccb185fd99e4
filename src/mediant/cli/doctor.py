"""`mediant doctor`: look for what is wrong."""

from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table
from mediant.kernel.units import count, format_size

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Also what is in order.")] = False,
    as_json: AsJson = False,
) -> None:
    """Examine the installation; the exit code is 1 when something is wrong."""
    with open_door(ctx.obj, mends=True) as door:
        findings = door.call("GET", "/system/doctor")["items"]
        info = door.call("GET", "/system/info")
    if as_json:
        print_json({"findings": findings, "info": info})
    else:
        shown = [one for one in findings if all_ or one["level"] != "ok"]
        rows = ((f["level"], f["check"], f["asset"], f["text"], f["remedy"]) for f in shown)
        if shown:
            print_table(("level", "check", "what", "finding", "remedy"), rows)
        if all(one["level"] == "ok" for one in findings):
            print(f"All is well: {count(len(findings), 'finding')}, none of them a complaint.")
        print_table(("fact", "value"), ((_name(fact), _tell(fact, info[fact])) for fact in info))
    if any(one["level"] == "error" for one in findings):
        raise typer.Exit(1)


_BYTES = "_bytes"


def _name(fact: str) -> str:
    return fact.removesuffix(_BYTES)


def _tell(fact: str, value: Any) -> str:
    """A fact for people: sizes with their unit, lists with commas."""
    if fact.endswith(_BYTES):
        return format_size(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {version}" for name, version in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
