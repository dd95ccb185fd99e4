"""The `mediant` command: global options and the way out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mediant import __version__
from mediant.cli.lazy import LazyGroup
from mediant.cli.options import Options
from mediant.cli.outcome import exit_code_of, explain
from mediant.errors import Invalid, MediantError
from mediant.kernel.paths import is_storable
from mediant.kernel.telemetry import silence_libraries

app = typer.Typer(
    cls=LazyGroup,
    name="mediant",
    help="Listens to a media library and keeps it in order.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"mediant {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    config_dir: Annotated[
        Path | None, typer.Option(help="Folder with settings, database, models and backups.")
    ] = None,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more.")] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what went wrong.")] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """Options that come before the command."""
    ctx.obj = Options(config_dir=config_dir, verbosity=-1 if quiet else verbose)


def _check_arguments() -> None:
    """Neither database nor API can hold a name that is not UTF-8."""
    for argument in sys.argv[1:]:
        if not is_storable(argument):
            raise Invalid("This argument is not valid UTF-8.", asset=argument)


def run() -> None:
    """Entry point: errors become one line on stderr and an exit code."""
    silence_libraries()
    try:
        _check_arguments()
        code = app(standalone_mode=False)
    except typer.TyperException as wrong:
        if wrong.format_message():  # without a word it has printed the help
            # The settings' sentences are imported only to be said: `--help` needs none.
            from mediant.cli.usage import read_usage  # noqa: PLC0415 (see above)

            explain(read_usage(wrong))
        sys.exit(wrong.exit_code)
    except typer.Abort:
        print("mediant: Aborted.", file=sys.stderr)
        sys.exit(1)
    except MediantError as error:
        explain(error)
        sys.exit(exit_code_of(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
