"""`mediant password`: set or check the administrator's password."""

import sys
from typing import Annotated

import typer

from mediant.cli.door import open_door
from mediant.errors import Invalid

app = typer.Typer(add_completion=False, no_args_is_help=True)


Stdin = Annotated[
    bool,
    typer.Option(
        "--stdin", help="Read it from standard input, one line; so it is without a terminal."
    ),
]


@app.command("set")
def set_password(ctx: typer.Context, stdin: Stdin = False) -> None:
    """Set a new password; every session ends. The old one is not needed on this machine."""
    password = _read("New password", twice=True, stdin=stdin)
    with open_door(ctx.obj) as door:
        door.call("PUT", "/sessions/password", body={"new": password})
    ctx.obj.say("The password is changed; every session ended.")


@app.command()
def verify(ctx: typer.Context, stdin: Stdin = False) -> None:
    """Ask for the password and say whether it is right."""
    password = _read("Password", stdin=stdin)
    with open_door(ctx.obj) as door:
        token = door.call("POST", "/sessions", body={"password": password})["token"]
        door.call("POST", "/sessions/end", body={"token": token})
    ctx.obj.say("The password is right.")


def _read(what: str, *, stdin: bool, twice: bool = False) -> str:
    """The password as it was typed, or the first line of what is piped in. Raises `Invalid` when
    nothing is."""
    if not stdin and sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))
    line = typer.get_text_stream("stdin").readline().rstrip("\r\n")
    if not line:
        raise Invalid(
            "No password came on standard input.",
            remedy="Run it in a terminal, or pipe one line into it.",
        )
    return line
