"""`mediant keys`: API keys."""

from typing import Annotated, Any

import typer

from mediant.access.scopes import Scope
from mediant.cli.door import open_door
from mediant.cli.output import AsJson, print_json, print_table

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("ls")
def list_keys(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the keys, revoked ones too. A key itself is shown only when it is made."""
    with open_door(ctx.obj) as door:
        found = door.call("GET", "/keys")["items"]
    if as_json:
        print_json(found)
        return
    print_table(("id", "name", "begins", "scopes", "last used", "state"), map(_row, found))


def _row(key: Any) -> tuple[Any, ...]:
    state = "revoked" if key["revoked_at"] else (key["expires_at"] or "valid")
    scopes = " ".join(key["scopes"])
    return key["id"], key["name"], key["hint"], scopes, key["last_used_at"], state


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for, for example lidarr.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is not shown again."""
    body = {"name": name, "scopes": scope or [Scope.READ, Scope.JOBS]}
    with open_door(ctx.obj) as door:
        key = door.call("POST", "/keys", body=body)
    if as_json:
        print_json(key)
        return
    ctx.obj.say(
        f"Key {key['id']}, {name} ({', '.join(key['scopes'])}). Keep it: it is not shown again."
    )
    print(key["key"])


@app.command()
def revoke(ctx: typer.Context, key: Annotated[int, typer.Argument(help="The key's id.")]) -> None:
    """Make a key worthless, at once and for good."""
    with open_door(ctx.obj) as door:
        door.call("DELETE", f"/keys/{key}")
    ctx.obj.say(f"Key {key} is revoked.")
