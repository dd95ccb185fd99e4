"""The way from the sound to the text that was written: who did what, for people. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from mediant.kernel.languages import find_language
from mediant.subtitles.translate import Route, Step

ENGINES = {"ctranslate2": "CTranslate2", "apertium": "Apertium", "remote": "server"}

Part = Mapping[str, str | None]


def describe_way(route: Route, model: str | None) -> list[Part]:
    """Each part of the way in its order: `engine`, `model`, and from which language to which.

    The first is the recogniser, which may translate while it listens; `model` is its name, None
    as long as nobody has listened.
    """
    listens = {"engine": "speech", "model": model, "source": route.source, "target": route.heard}
    return [listens, *map(_describe_step, route.steps)]


def _describe_step(step: Step) -> Part:
    model = PurePath(step.name).name if step.kind == "ctranslate2" else step.name
    return {"engine": step.kind, "model": model, "source": step.source, "target": step.target}


def tell_way(way: Sequence[Part]) -> str:
    """`whisper-base wrote down Spanish; Apertium spa-eng translated Spanish to English.`"""
    return "; ".join(map(_tell_part, way)) + "."


def _tell_part(part: Part) -> str:
    source, target = _name(part["source"]), _name(part["target"])
    engine = ENGINES.get(part["engine"] or "")
    who = " ".join(filter(None, (engine, part["model"]))) or "the speech model"
    if source == target:
        return f"{who} wrote down {source}"
    how = " while it listened" if engine is None else ""
    return f"{who} translated {source} to {target}{how}"


def _name(code: str | None) -> str:
    found = find_language(code or "")
    return found.name if found else str(code)
