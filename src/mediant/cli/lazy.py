"""A command group whose parts are imported only when they run.

`mediant --help` answers in a fraction of a second, although commands pull in a whole server.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from mediant.kernel.collector import spare_what_stays

COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("mediant.cli.serve", "Run the server: API, queue and workers."),
    "tag": ("mediant.cli.tag", "Analyse music, write tags, undo writes."),
    "calibrate": ("mediant.cli.calibrate", "Measure how the scores of this library are spread."),
    "retag": ("mediant.cli.retag", "New moods from stored scores, without listening again."),
    "show": ("mediant.cli.show", "Explain what is known of one file."),
    "scan": ("mediant.cli.scan", "Look for new, changed and vanished files."),
    "libraries": ("mediant.cli.libraries", "The folders that hold your music."),
    "jobs": ("mediant.cli.jobs", "The queue: list, watch, retry, cancel, pause."),
    "models": ("mediant.cli.models", "The networks: list, pull, verify, remove."),
    "analytics": ("mediant.cli.analytics", "Figures: tags, moods, genres, what goes together."),
    "navidrome": ("mediant.cli.navidrome", "Navidrome: its tags, previews, smart playlists."),
    "transcribe": ("mediant.cli.transcribe", "Subtitles of videos, lyrics of songs."),
    "detect": ("mediant.cli.detect", "Tell which language is spoken."),
    "subtitles": ("mediant.cli.subtitles", "Subtitles by rules: rules, scans, what a file holds."),
    "keys": ("mediant.cli.keys", "API keys: list, make, revoke."),
    "password": ("mediant.cli.password", "The administrator's password."),
    "settings": ("mediant.cli.settings", "Settings: where each value comes from, and changing it."),
    "doctor": ("mediant.cli.doctor", "Look for what is wrong, and say what to do."),
}
"""Name of each command -> module with its `app`, and the sentence that `--help` shows."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the base class asks)
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (the base class asks)
        """A stand-in with the command's sentence: all that the list of commands needs."""
        found = COMMANDS.get(cmd_name)
        return None if found is None else TyperCommand(cmd_name, help=found[1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is to run, imported now."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        if name is not None and name in COMMANDS:
            return name, load_command(name), rest
        return name, stand_in, rest


def load_command(name: str) -> Any:
    """One command, whole."""
    module, sentence = COMMANDS[name]
    with spare_what_stays():
        found = importlib.import_module(module)
    command = typer.main.get_command(found.app)
    command.name, command.short_help = name, sentence
    return command
