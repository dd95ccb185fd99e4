"""`mediant models import`: a model from a file or folder, whatever it does."""

from pathlib import Path
from typing import Annotated

import typer

from mediant.cli.options import Options
from mediant.errors import Invalid, NotFound
from mediant.kernel.units import format_size
from mediant.models.speech_import import import_speech
from mediant.settings import load_settings
from mediant.subtitles.translate.argos import import_argos, is_argos

Source = Annotated[
    Path,
    typer.Argument(
        help="A Whisper in CTranslate2's form (its folder, or a zip or tar file of it), or a"
        " package of Argos Translate (.argosmodel)."
    ),
]
Name = Annotated[str | None, typer.Option("--name", help="What a speech model shall be called.")]
Sha256 = Annotated[str | None, typer.Option("--sha256", help="What the file's checksum shall be.")]


def import_model(
    ctx: typer.Context, source: Source, name: Name = None, sha256: Sha256 = None
) -> None:
    """Install a model that hears speech, or one that translates, from a file or folder."""
    options: Options = ctx.obj
    if not source.exists():
        raise NotFound("There is no such file or folder.", asset=str(source))
    models = load_settings(options.overrides()).models_folder
    if is_argos(source):
        if name:
            raise Invalid("A translation model is named by its languages.", asset=str(source))
        _import_translation(source, models, sha256, options)
    else:
        _import_speech(source, models, name, sha256, options)


def _import_translation(source: Path, models: Path, sha256: str | None, options: Options) -> None:
    done = import_argos(source, models, sha256)
    options.say(f"SHA-256 of the package: {done.sha256}")
    options.say(f"Licence: {done.licence or 'the package does not tell'}.")
    options.say(f"Installed: {done.folder.path}.")


def _import_speech(
    source: Path, models: Path, name: str | None, sha256: str | None, options: Options
) -> None:
    model = import_speech(source, models, name, sha256)
    tongue = "many languages" if model.is_multilingual else "English only"
    translates = ", translates into English" if model.can_translate else ""
    options.say(f"{model.name}: {format_size(model.size_bytes)}, hears {tongue}{translates}")
    options.say(f"Licence: {model.licence or 'there is no file of it'}.")
    options.say(f"Installed: {model.folder}.")
