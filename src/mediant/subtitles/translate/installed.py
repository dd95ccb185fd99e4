"""What is installed to translate with, looked up now."""

from pathlib import Path

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.translate.apertium import list_pairs
from mediant.subtitles.translate.folder import SHELF, read_shelf
from mediant.subtitles.translate.route import Installed, Route, choose_route


def find_route(
    source: str,
    target: str,
    models_folder: Path,
    settings: SubtitlesSettings,
    whisper_can: bool,
) -> Route:
    """The way from the spoken language to `target` with what is there at this moment.

    `whisper_can`: whether the speech model that will listen translates to English. ModelError when
    there is no way; its remedy names what would open one.
    """
    return choose_route(source, target, list_installed(models_folder, settings, whisper_can))


def list_installed(
    models_folder: Path, settings: SubtitlesSettings, whisper_can: bool
) -> Installed:
    """Models in the folder, Apertium's pairs, and whether a server is set."""
    shelf = read_shelf(models_folder)
    return Installed(
        models=tuple(folder.to_model() for folder in shelf.folders),
        apertium=list_pairs(),
        remote_model=settings.translation_model if settings.translation_url else None,
        whisper_can=whisper_can,
        order=settings.translation_order,
        folder=str(models_folder / SHELF),
    )
