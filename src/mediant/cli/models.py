"""`mediant models`: what listens to music and speech. Works on the models folder, no server."""

from typing import Annotated

import typer

from mediant.cli.importing import import_model
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.cli.pulling import PullTalk
from mediant.cli.translations import list_translations
from mediant.errors import NotFound
from mediant.kernel.units import format_size
from mediant.models.models import ModelInfo, Models
from mediant.models.recipes import speech_names
from mediant.settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.command("translations")(list_translations)
app.command("import")(import_model)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Models: of the catalog, a Whisper's name (small, large-v3-turbo), or"
        " owner/repository of a hub, with @revision if you like. The usual music networks without"
        " names."
    ),
]
Speech = Annotated[bool, typer.Option("--speech", help="The speech models, too.")]


def _models(ctx: typer.Context) -> Models:
    options: Options = ctx.obj
    return Models(load_settings(options.overrides()).models_folder)


@app.command("list")
def list_models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List what can be fetched and what is installed."""
    found = _models(ctx).list_models()
    if as_json:
        print_json([_fields(one) for one in found])
        return
    head = ("name", "installed", "what", "size", "licence", "source")
    print_table(head, map(_row, found))


def _fields(one: ModelInfo) -> dict[str, object]:
    names = ModelInfo.__slots__
    return {name: _plain(getattr(one, name)) for name in names}


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _row(one: ModelInfo) -> tuple[str | None, ...]:
    installed = one.refused_reason or ("yes" if one.is_installed else "no")
    size = format_size(one.size_bytes) if one.size_bytes else None
    return one.name, installed, one.about, size, one.licence, one.source


@app.command()
def pull(ctx: typer.Context, names: Names = None, speech: Speech = False) -> None:
    """Fetch, check and convert models. What is there already is left alone."""
    models = _models(ctx)
    installed: tuple[str, ...] = ()
    with PullTalk(ctx.obj) as talk:
        for wanted in (names, speech_names() if speech else ()):
            if wanted is None or wanted:
                installed += models.pull(wanted, talk)
    ctx.obj.say(
        f"Installed: {', '.join(installed)}." if installed else "Everything is there already."
    )


@app.command()
def verify(ctx: typer.Context, names: Names = None, as_json: AsJson = False) -> None:
    """Hash and test-run what is installed."""
    findings = _models(ctx).verify(names)
    if as_json:
        print_json([{"name": f.name, "is_sound": f.is_sound, "text": f.text} for f in findings])
    else:
        print_table(("name", "result"), ((f.name, f.text) for f in findings))
    if not all(finding.is_sound for finding in findings):
        raise typer.Exit(1)


@app.command()
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="An installed model.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted.")] = False,
) -> None:
    """Delete a model that was pulled or imported."""
    if dry_run:
        found = _models(ctx).check_removal(name)
        if found.path is None:
            raise NotFound("This model is not installed.", asset=name)
        print_table(("would be deleted", "from"), [(found.name, found.path)])
        return
    _models(ctx).remove(name)
    ctx.obj.say(f"{name} is removed.")
