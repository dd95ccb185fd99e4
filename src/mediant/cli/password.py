"""`mediant password`: set or check the administrator's password."""

from typing import Annotated

import typer

from mediant.cli.door import open_door
from mediant.cli.output import say

app = typer.Typer(no_args_is_help=True)

MIN_LENGTH = 8


@app.command("set")
def set_password(
    ctx: typer.Context,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input, one line.")
    ] = False,
) -> None:
    """Set a new password; every session ends. The old one is not needed on this machine."""
    if stdin:
        password = typer.get_text_stream("stdin").readline().rstrip("\n")
    else:
        password = typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    with open_door(ctx.obj) as door:
        door.call("PUT", "/sessions/password", body={"new": password})
    say("The password is changed; every session ended.")


@app.command()
def verify(ctx: typer.Context) -> None:
    """Ask for the password and say whether it is right."""
    password = typer.prompt("Password", hide_input=True, err=True)
    with open_door(ctx.obj) as door:
        token = door.call("POST", "/sessions", body={"password": password})["token"]
        door.call("POST", "/sessions/end", body={"token": token})
    say("The password is right.")
