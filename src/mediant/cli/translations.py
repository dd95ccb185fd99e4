"""`mediant models translations`: what turns a language into another."""

import typer

from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.settings import load_settings
from mediant.subtitles.translate.apertium import list_pairs
from mediant.subtitles.translate.folder import Folder, Shelf, read_shelf


def list_translations(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the translation models and Apertium pairs that are installed."""
    options: Options = ctx.obj
    shelf = read_shelf(load_settings(options.overrides()).models_folder)
    pairs = list_pairs()
    if as_json:
        print_json(_plain(shelf, pairs))
        return
    rows: list[tuple[str | None, ...]] = [
        (one.path.name, one.kind, *_languages(one), one.licence) for one in shelf.folders
    ]
    rows += [(mode, "apertium", source, target, "GPL") for source, target, mode in pairs]
    rows += [(one.path.name, one.reason, None, None, None) for one in shelf.refused]
    print_table(("name", "kind", "from", "to", "licence"), rows)


def _languages(folder: Folder) -> tuple[str, str]:
    if folder.is_multilingual:
        return f"{len(folder.sources)} languages", f"{len(folder.targets)} languages"
    return " ".join(sorted(folder.sources)), " ".join(sorted(folder.targets))


def _plain(shelf: Shelf, pairs: tuple[tuple[str, str, str], ...]) -> dict[str, object]:
    models = [
        {
            "path": str(one.path),
            "kind": one.kind,
            "sources": sorted(one.sources),
            "targets": sorted(one.targets),
            "licence": one.licence,
            "origin": one.origin,
        }
        for one in shelf.folders
    ]
    rules = [{"mode": mode, "source": one, "target": other} for one, other, mode in pairs]
    refused = [{"path": str(one.path), "reason": one.reason} for one in shelf.refused]
    return {"models": models, "apertium": rules, "refused": refused}
