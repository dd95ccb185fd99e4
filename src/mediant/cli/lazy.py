"""A command group whose parts are imported only when they run.

`mediant --help` answers in a fraction of a second, although commands pull in a whole server.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("mediant.cli.serve", "Run the server: API, queue and workers."),
    "tag": ("mediant.cli.tag", "Analyse music; write, show or undo tags."),
    "show": ("mediant.cli.show", "Explain what is known of one file."),
    "scan": ("mediant.cli.scan", "Look for new, changed and vanished files."),
    "libraries": ("mediant.cli.libraries", "The folders that hold your music."),
    "jobs": ("mediant.cli.jobs", "The queue: list, watch, retry, cancel, pause."),
    "models": ("mediant.cli.models", "The networks: list, pull, verify, remove."),
    "keys": ("mediant.cli.keys", "API keys: list, make, revoke."),
    "password": ("mediant.cli.password", "The administrator's password."),
    "doctor": ("mediant.cli.doctor", "Look for what is wrong, and say what to do."),
}
"""Name of each command -> module with its `app`, and the sentence that `--help` shows."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the base class asks)
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The named command; only its sentence when nothing but help is wanted."""
        if cmd_name not in COMMANDS:
            return None
        module, sentence = COMMANDS[cmd_name]
        if ctx.resilient_parsing or ctx.invoked_subcommand is None:
            return TyperCommand(cmd_name, help=sentence)
        command = typer.main.get_command(importlib.import_module(module).app)
        command.name, command.short_help = cmd_name, sentence
        return command
