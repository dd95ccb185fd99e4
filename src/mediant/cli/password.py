"""`mediant password`: set or check the administrator's password."""

from typing import Annotated

import typer

from mediant.cli.door import open_door

app = typer.Typer(add_completion=False, no_args_is_help=True)


Stdin = Annotated[bool, typer.Option("--stdin", help="Read it from standard input, one line.")]


@app.command("set")
def set_password(ctx: typer.Context, stdin: Stdin = False) -> None:
    """Set a new password; every session ends. The old one is not needed on this machine."""
    password = _read_line() if stdin else _ask("New password", twice=True)
    with open_door(ctx.obj) as door:
        door.call("PUT", "/sessions/password", body={"new": password})
    ctx.obj.say("The password is changed; every session ended.")


@app.command()
def verify(ctx: typer.Context, stdin: Stdin = False) -> None:
    """Ask for the password and say whether it is right."""
    password = _read_line() if stdin else _ask("Password")
    with open_door(ctx.obj) as door:
        token = door.call("POST", "/sessions", body={"password": password})["token"]
        door.call("POST", "/sessions/end", body={"token": token})
    ctx.obj.say("The password is right.")


def _read_line() -> str:
    return typer.get_text_stream("stdin").readline().rstrip("\r\n")


def _ask(what: str, *, twice: bool = False) -> str:
    answer: str = typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return answer
