"""`mediant serve`: the server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from mediant.access.access import FirstCredentials
from mediant.api.restart import begin_anew
from mediant.api.server import serve as serve_http
from mediant.app import App, open_app
from mediant.cli.logs import start_logging
from mediant.cli.options import Options
from mediant.cli.output import warn
from mediant.cli.progress import ProgressTalk
from mediant.cli.server_file import describe_self, remove_server_file, write_server_file
from mediant.errors import NotFound, Refused
from mediant.kernel.clock import now_s
from mediant.kernel.paths import is_within, real
from mediant.library.libraries import LibraryEntry
from mediant.models.models import Models
from mediant.settings import Settings, load_settings
from mediant.settings.entries import list_shadowed
from mediant.settings.folder import make_config_folder

app = typer.Typer(add_completion=False)

Write = Annotated[
    Literal["none", "minimal", "full"] | None,
    typer.Option(help="What is written into the files of --media."),
]


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    media: Annotated[
        Path | None, typer.Option(help="A folder to have as a library, scanned at once.")
    ] = None,
    write: Write = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make synthesised music in the folder of --media.")
    ] = False,
    pull_models: Annotated[
        bool, typer.Option("--pull-models", help="Fetch the usual networks first.")
    ] = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Show how far tagging is, rate and time left.")
    ] = False,
) -> None:
    """Run the server until it is interrupted."""
    options: Options = ctx.obj
    overrides = options.overrides(host=host, port=port)
    if media is not None and not demo and not media.is_dir():
        raise NotFound("The folder of --media is not there.", asset=str(media))
    _make_ready(load_settings(overrides), options, pull_models=pull_models)
    begun_at = now_s()  # jobs may end before anybody counts them
    if demo and media is not None:
        _make_demo(media, options)
    with (
        open_app(overrides) as mediant,
        ProgressTalk(mediant, since=begun_at, enabled=progress and not options.is_quiet) as talk,
    ):
        _introduce(mediant.access.first_start(*_presets(mediant.settings)))
        _warn_of_shadows(mediant)
        if media is not None:
            talk.scan_id = _take_up(mediant, real(media), write)
        with _announced(mediant, options) as announce:
            address = (mediant.settings.host, mediant.settings.port)
            wants_restart = serve_http(mediant, *address, announce)
    if wants_restart:
        begin_anew()


def _make_ready(settings: Settings, options: Options, *, pull_models: bool) -> None:
    """Everything that has to be there before the application opens."""
    start_logging(as_json=settings.log_json, verbosity=options.verbosity)
    make_config_folder(settings.config_dir)
    if pull_models:
        Models(settings.models_folder).pull(
            report=lambda step: options.say(f"{step.model}: {step.text}")
        )


def _presets(settings: Settings) -> tuple[str | None, str | None]:
    password, key = settings.admin_password, settings.api_key
    return (
        password.get_secret_value() if password else None,
        key.get_secret_value() if key else None,
    )


def _warn_of_shadows(mediant: App) -> None:
    """A line of mediant.yaml that has no effect must not stay unseen."""
    for name, value in list_shadowed(mediant.stored).items():
        warn(
            f"mediant.yaml says {value!r} for {name}, but a value stored at run time is in force. "
            f"To let the file decide: mediant settings reset {name}"
        )


def _introduce(first: FirstCredentials | None) -> None:
    if first is None:
        return
    if first.password:
        warn(f"Admin password: {first.password}")
    if first.api_key:
        warn(f"API key: {first.api_key}")
    if first.password or first.api_key:
        warn("They are shown only now. `mediant password set` and `mediant keys new` make others.")


def _make_demo(folder: Path, options: Options) -> None:
    from mediant.testing.demo import write_demo_library  # noqa: PLC0415 (only the demo needs it)

    count = len(write_demo_library(folder))
    options.say(f"The demo library has {count} synthesised tracks in {folder}.")


def _take_up(mediant: App, folder: Path, write: str | None) -> int:
    """Have the folder as a library, or find it inside one, and scan it; the scan's job.

    Raises `Refused` when `write` would change a library that holds more than this folder.
    """
    library = _find_library(mediant, folder)
    if library is None:
        library = mediant.library.add_library(
            folder.name, folder, watch_mode="event", write_mode=write or "none"
        )
    elif write is not None and library.write_mode != write:
        library = _change_mode(mediant, library, folder, write)
    paths = None if library.root_path == folder else [folder]
    return mediant.library.scan(library.id, paths=paths).job_id


def _change_mode(mediant: App, library: LibraryEntry, folder: Path, write: str) -> LibraryEntry:
    if library.root_path != folder:
        text = f"It is a part of the library {library.name}, whose write mode is its own."
        remedy = f"Run: mediant libraries change {library.id} --write {write}"
        raise Refused(text, asset=str(folder), remedy=remedy)
    changed = mediant.library.change_library(library.id, write_mode=write)
    mediant.tagging.write_after_rise(library, changed)
    return changed


def _find_library(mediant: App, folder: Path) -> LibraryEntry | None:
    libraries = mediant.library.list_libraries()
    return next((one for one in libraries if is_within(folder, one.root_path)), None)


@contextmanager
def _announced(mediant: App, options: Options) -> Iterator["Announce"]:
    announce = Announce(mediant, options)
    try:
        yield announce
    finally:
        remove_server_file(mediant.settings.config_dir, os.getpid())


class Announce:
    """Tells people and other commands where the server is, once it answers."""

    def __init__(self, mediant: App, options: Options) -> None:
        self._mediant = mediant
        self._options = options

    def __call__(self, url: str) -> None:
        """Say the address and write `server.json`."""
        token = self._mediant.access.local_token()
        write_server_file(self._mediant.settings.config_dir, describe_self(url, token))
        self._options.say(f"Mediant is ready: {url}")
