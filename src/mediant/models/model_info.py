"""What is known of one model, of whatever kind, for lists and for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mediant.models.catalog import CATALOG, Entry
from mediant.models.speech_catalog import SPEECH_CATALOG, SpeechEntry
from mediant.models.speech_folder import WEIGHTS, SpeechModel, is_shallow_name
from mediant.models.speech_names import HubModel, find_hub_model, list_hub_models
from mediant.models.suite import Backbone, Head, Refusal, Suite

ModelKind = Literal["backbone", "head", "speech"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model: of a catalog, of the models folder, or of both."""

    name: str
    """Unique; a head's is `<backbone>/<head>`."""
    kind: ModelKind
    about: str
    version: str | None
    licence: str | None
    source: str | None
    sha256: str | None
    """Of the graph or the weights: as installed, or as the catalog announces it."""
    size_bytes: int | None
    path: Path | None
    is_installed: bool
    is_default: bool
    """Whether a pull without names installs it."""
    is_pullable: bool
    """Whether a pull of this name can fetch it; the others were placed by the user."""
    refused_reason: str | None = None


def of_entry(entry: Entry, path: Path, backbone: Backbone | None, refused: str | None) -> ModelInfo:
    """A music network of the catalog."""
    return ModelInfo(
        name=entry.name,
        kind="backbone",
        about=entry.about,
        version=entry.version,
        licence=entry.wheel.licence,
        source=entry.wheel.source,
        sha256=backbone.version if backbone else entry.sha256,
        size_bytes=path.stat().st_size if backbone else entry.size_bytes,
        path=path if backbone else None,
        is_installed=backbone is not None,
        is_default=entry.is_default,
        is_pullable=True,
        refused_reason=refused,
    )


def of_backbone(backbone: Backbone) -> ModelInfo:
    """A backbone that the user placed."""
    tags = f"{len(backbone.tag_labels)} tags and " if backbone.tag_labels else ""
    about = f"{tags}an embedding of {backbone.embedding_dim}"
    # A user's own file may stand in for a network of the catalog.
    name = backbone.graph.stem if backbone.name in CATALOG else backbone.name
    return _of_placed(name, "backbone", about, backbone)


def of_head(head: Head) -> ModelInfo:
    """A head that the user placed."""
    about = f"{head.kind}: {', '.join(head.labels)}"
    return _of_placed(f"{head.backbone}/{head.name}", "head", about, head)


def _of_placed(name: str, kind: ModelKind, about: str, network: Backbone | Head) -> ModelInfo:
    return ModelInfo(
        name=name,
        kind=kind,
        about=about,
        version=None,
        licence=network.licence,
        source=network.source,
        sha256=network.version,
        size_bytes=network.graph.stat().st_size,
        path=network.graph,
        is_installed=True,
        is_default=False,
        is_pullable=False,
    )


def list_refused(suite: Suite, ours: set[Path]) -> Iterator[ModelInfo]:
    """The files that are not used, without those of the catalog."""
    for refusal in suite.refused:
        if refusal.path.with_suffix(".onnx") not in ours:
            yield _of_refusal(refusal, suite.folder)


def _of_refusal(refusal: Refusal, folder: Path) -> ModelInfo:
    return ModelInfo(
        name=refusal.path.relative_to(folder).as_posix(),
        kind="head" if "heads" in refusal.path.parts else "backbone",
        about="a file in the models folder that is not used",
        version=None,
        licence=None,
        source=None,
        sha256=None,
        size_bytes=None,
        path=refusal.path,
        is_installed=False,
        is_default=False,
        is_pullable=False,
        refused_reason=refusal.reason,
    )


def of_speech_entry(entry: SpeechEntry, found: SpeechModel | None) -> ModelInfo:
    """A speech model of the catalog, with what lies in its place."""
    problem = _find_problem(entry, found) if found else None
    is_installed = found is not None and problem is None
    wheel = entry.wheels[0]
    return ModelInfo(
        name=entry.name,
        kind="speech",
        about=entry.about,
        version=entry.version,
        licence=wheel.licence,
        source=", ".join(one.source for one in entry.wheels),
        sha256=entry.sha256,
        size_bytes=entry.size_bytes,
        path=found.folder if found and is_installed else None,
        is_installed=is_installed,
        is_default=False,
        is_pullable=True,
        refused_reason=problem,
    )


def of_hub_model(model: HubModel) -> ModelInfo:
    """A speech model that a hub has and this folder has not."""
    is_english = model.name.endswith(".en")
    translates = not is_english and not is_shallow_name(model.name)
    return ModelInfo(
        name=model.name,
        kind="speech",
        about=_say_tongue(is_multilingual=not is_english, can_translate=translates),
        version=None,
        licence=model.licence,
        source=model.repository,
        sha256=None,
        size_bytes=None,
        path=None,
        is_installed=False,
        is_default=False,
        is_pullable=True,
    )


def of_speech_model(model: SpeechModel) -> ModelInfo:
    """A speech model that came from a hub, was imported, or that the user placed."""
    note, hub = model.note, find_hub_of(model)
    tongue = _say_tongue(is_multilingual=model.is_multilingual, can_translate=model.can_translate)
    return ModelInfo(
        name=hub.name if hub else f"asr/{model.name}",
        kind="speech",
        about="a folder that is not used" if model.problem else tongue,
        version=note.revision if note else None,
        licence=note.licence if note else model.licence,
        source=note.source if note else model.source,
        sha256=note.files.get(WEIGHTS) if note else None,
        size_bytes=sum(note.sizes.values()) if note else model.size_bytes or None,
        path=model.folder,
        is_installed=model.problem is None,
        is_default=False,
        is_pullable=hub is not None,
        refused_reason=model.problem,
    )


def find_hub_of(model: SpeechModel) -> HubModel | None:
    """What a pull takes in the place of this folder; None where a pull would not touch it."""
    hub = find_hub_model(model.note.name) if model.note else None
    return hub if hub and hub.folder_name == model.name else None


def list_speech(models: list[SpeechModel]) -> Iterator[ModelInfo]:
    """The catalog first, then what hubs have under a name of its own, then all other folders."""
    found = {model.name: model for model in models}
    for entry in SPEECH_CATALOG.values():
        yield of_speech_entry(entry, found.pop(entry.name, None))
    for hub in list_hub_models():
        there = found.get(hub.folder_name)
        if there is not None and find_hub_of(there) == hub:
            yield of_speech_model(found.pop(hub.folder_name))
        else:
            yield of_hub_model(hub)
    yield from map(of_speech_model, found.values())


def _say_tongue(*, is_multilingual: bool, can_translate: bool) -> str:
    tongue = "speech in many languages" if is_multilingual else "English speech only"
    return f"{tongue}, and translation into English" if can_translate else tongue


def _find_problem(entry: SpeechEntry, found: SpeechModel) -> str | None:
    """By sizes only: a list must not read all weights."""
    if found.problem:
        return found.problem
    for file in entry.files:
        path = found.folder / file.name
        if not path.is_file() or path.stat().st_size != file.size_bytes:
            return f"{file.name} is not the one that is published."
    return None
