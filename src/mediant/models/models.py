"""The models room's front door: what is there, what can be fetched, and whether it is sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mediant.errors import ModelError, NotFound, Refused
from mediant.models.catalog import CATALOG, Entry, default_names
from mediant.models.install import (
    PullStep,
    Report,
    find_fault,
    graph_path,
    install_entries,
    remove_entry,
)
from mediant.models.registry import discover
from mediant.models.suite import Backbone, Head, Refusal, Suite

ModelKind = Literal["backbone", "head"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One network: of the catalog, of the models folder, or of both."""

    name: str
    """Unique; a head's is `<backbone>/<head>`."""
    kind: ModelKind
    about: str
    version: str | None
    licence: str | None
    source: str | None
    sha256: str | None
    """Of the graph: as installed, or as the catalog announces it."""
    size_bytes: int | None
    path: Path | None
    is_installed: bool
    is_default: bool
    """Whether a pull without names installs it."""
    is_pullable: bool
    """Whether the catalog has it; the others were placed by the user."""
    refused_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """What a verification says of one network."""

    name: str
    is_sound: bool
    text: str


def _be_silent(_step: PullStep) -> None:
    """Nobody listens."""


class Models:
    """The networks in one models folder. Several servers may share it, also read-only."""

    def __init__(self, folder: Path) -> None:
        """The folder need not exist yet."""
        self.folder = folder

    def suite(self) -> Suite:
        """What can be used now. Cheap when nothing changed."""
        return discover(self.folder)

    def list_models(self) -> list[ModelInfo]:
        """The catalog first, then what the user placed, then what is refused."""
        suite = self.suite()
        ours = {graph_path(self.folder, entry) for entry in CATALOG.values()}
        placed = [_of_backbone(one) for one in suite.backbones if one.graph not in ours]
        heads = [_of_head(head) for head in suite.heads]
        return [*self._list_catalog(suite), *placed, *heads, *_list_refused(suite, ours)]

    def _list_catalog(self, suite: Suite) -> Iterator[ModelInfo]:
        found = {backbone.graph: backbone for backbone in suite.backbones}
        reasons = {refusal.path.with_suffix(".onnx"): refusal.reason for refusal in suite.refused}
        for entry in CATALOG.values():
            path = graph_path(self.folder, entry)
            yield _of_entry(entry, path, found.get(path), reasons.get(path))

    def pull(
        self, names: Sequence[str] | None = None, report: Report = _be_silent
    ) -> tuple[str, ...]:
        """Fetch, convert and install networks of the catalog, the default ones without names.

        Does nothing for those that are there already. Returns the names of those installed now.
        NotFound for an unknown name; ModelError with a remedy when one cannot be fetched, does not
        convert, fails its test run or cannot be written. Those installed before it stay.
        """
        chosen = default_names() if names is None else tuple(names)
        return install_entries([_get_entry(name) for name in chosen], self.folder, report)

    def verify(self, names: Sequence[str] | None = None) -> list[ModelFinding]:
        """Hash and test-run the installed networks, or those named, and tell each result."""
        known = {info.name: info for info in self.list_models()}
        if names is None:
            chosen = [one for one in known.values() if one.is_installed or one.refused_reason]
        else:
            chosen = [_get_info(known, name) for name in names]
        return [self._verify_one(info) for info in chosen]

    def remove(self, name: str) -> None:
        """Delete an installed network of the catalog. Refused for what the user placed."""
        info = _get_info({one.name: one for one in self.list_models()}, name)
        if not info.is_pullable:
            text = "Mediant did not install this network and does not delete it."
            raise Refused(text, asset=name, remedy=f"Delete it yourself: {info.path}")
        try:
            was_there = remove_entry(self.folder, CATALOG[name])
        except OSError as error:
            raise Refused(f"It cannot be deleted: {error.strerror}.", asset=name) from error
        if not was_there:
            raise NotFound("This network is not installed.", asset=name)

    def _verify_one(self, info: ModelInfo) -> ModelFinding:
        entry = CATALOG.get(info.name)
        fault = find_fault(self.folder, entry) if entry else None
        fault = fault or info.refused_reason or _find_run_fault(info, entry)
        return ModelFinding(info.name, fault is None, fault or "Sound.")


def _find_run_fault(info: ModelInfo, entry: Entry | None) -> str | None:
    """What goes wrong when the network is opened and, if we know its results, run."""
    if info.path is None:
        return "It is not installed."
    # These import ONNX Runtime, which the server does not need otherwise.
    from mediant.models.probe import check_network  # noqa: PLC0415
    from mediant.models.runtime import open_network  # noqa: PLC0415

    try:
        if entry is not None:
            check_network(info.path, entry)
        else:
            open_network(info.path, accelerator="onnxruntime").close()
    except ModelError as error:
        return error.text
    return None


def _of_entry(
    entry: Entry, path: Path, backbone: Backbone | None, refused: str | None
) -> ModelInfo:
    return ModelInfo(
        name=entry.name,
        kind="backbone",
        about=entry.about,
        version=entry.version,
        licence=entry.wheel.licence,
        source=f"{entry.wheel.package} {entry.wheel.version}",
        sha256=backbone.version if backbone else entry.sha256,
        size_bytes=path.stat().st_size if backbone else entry.size_bytes,
        path=path if backbone else None,
        is_installed=backbone is not None,
        is_default=entry.is_default,
        is_pullable=True,
        refused_reason=refused,
    )


def _of_backbone(backbone: Backbone) -> ModelInfo:
    tags = f"{len(backbone.tag_labels)} tags and " if backbone.tag_labels else ""
    about = f"{tags}an embedding of {backbone.embedding_dim}"
    # A user's own file may stand in for a network of the catalog.
    name = backbone.graph.stem if backbone.name in CATALOG else backbone.name
    return _of_placed(name, "backbone", about, backbone)


def _of_head(head: Head) -> ModelInfo:
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


def _list_refused(suite: Suite, ours: set[Path]) -> Iterator[ModelInfo]:
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


def _get_entry(name: str) -> Entry:
    if name not in CATALOG:
        known = ", ".join(CATALOG)
        raise NotFound(f"The catalog has no such network; it has: {known}.", asset=name)
    return CATALOG[name]


def _get_info(known: dict[str, ModelInfo], name: str) -> ModelInfo:
    if name not in known:
        raise NotFound("There is no such network.", asset=name, remedy="Run: mediant models list")
    return known[name]
