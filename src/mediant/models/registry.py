"""Finds the networks in a models folder and binds them to what their graphs really have.

    <models>/<backbone>/embeddings/<file>.onnx + <file>.json
    <models>/<backbone>/heads/<type>/<file>.onnx + <file>.json

What cannot be used is a `Refusal` with its reason, never only a line in a log.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from mediant.errors import ModelError
from mediant.models.binding import bind_backbone, bind_head
from mediant.models.facts import FactBook, GraphFacts
from mediant.models.metadata import Metadata, read_metadata
from mediant.models.suite import Backbone, FrontEnd, Head, HeadKind, Refusal, Suite

__all__ = ["Backbone", "FrontEnd", "Head", "HeadKind", "Refusal", "Suite", "discover"]

T = TypeVar("T", Backbone, Head)

_NOT_NETWORKS = ("asr", "wheels")
_EMBEDDING_FOLDERS = ("embeddings", "embedding")


def discover(folder: Path) -> Suite:
    """Everything usable in the folder, and why the rest is not.

    Cheap when nothing changed: graphs are hashed and opened only when their size or time differ
    from the last visit. A folder that does not exist gives an empty suite.
    """
    book = FactBook(folder)
    finder = _Finder(book)
    families = [one for one in _list_folders(folder) if one.name not in _NOT_NETWORKS]
    found = finder.bind_all(_list_embedding_folders(families), bind_backbone)
    backbones = _drop_rivals(found, finder.refused, _backbone_rank, lambda one: one.name)

    def bind(graph: Path, facts: GraphFacts, metadata: Metadata) -> Head:
        return bind_head(graph, facts, metadata, backbones)

    heads = finder.bind_all(_list_head_folders(families), bind)
    heads = _drop_rivals(heads, finder.refused, _head_rank, lambda one: (one.backbone, one.name))
    book.save()
    return Suite(folder, tuple(backbones), tuple(heads), tuple(_sort_refusals(finder.refused)))


class _Finder:
    """Walks over pairs of graph and metadata; collects what is refused."""

    def __init__(self, book: FactBook) -> None:
        self._book = book
        self.refused: list[Refusal] = []

    def bind_all(
        self, folders: Sequence[Path], bind: Callable[[Path, GraphFacts, Metadata], T]
    ) -> list[T]:
        bound = []
        for graph in self._list_graphs(folders):
            try:
                facts = self._book.look_up(graph)
                metadata = read_metadata(graph.with_suffix(".json"))
                _refuse_changed(facts, metadata)
                bound.append(bind(graph, facts, metadata))
            except ModelError as error:
                self._refuse(graph, " ".join(filter(None, [error.text, error.remedy])))
            except OSError as error:
                self._refuse(graph, f"It cannot be read: {error}.")
        return bound

    def _list_graphs(self, folders: Sequence[Path]) -> Iterator[Path]:
        """Every ONNX file with a JSON beside it; whatever lacks its partner is refused."""
        for folder in folders:
            names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
            for stem in sorted({Path(name).stem for name in names if _is_ours(name)}):
                if f"{stem}.onnx" in names and f"{stem}.json" in names:
                    yield folder / f"{stem}.onnx"
                else:
                    self._refuse_half(folder, stem, names)

    def _refuse_half(self, folder: Path, stem: str, names: set[str]) -> None:
        if f"{stem}.onnx" in names:
            text = f"It has no metadata: {stem}.json must lie beside it."
            self._refuse(folder / f"{stem}.onnx", text)
        elif f"{stem}.pb" in names:
            text = f"A TensorFlow graph is not run; put {stem}.onnx beside it."
            self._refuse(folder / f"{stem}.pb", text)
        else:
            text = f"The graph that it describes, {stem}.onnx, is not there."
            self._refuse(folder / f"{stem}.json", text)

    def _refuse(self, path: Path, reason: str) -> None:
        self.refused.append(Refusal(path, reason))


def _refuse_changed(facts: GraphFacts, metadata: Metadata) -> None:
    """A graph with another checksum than its metadata state was damaged or exchanged."""
    stated = metadata.fields.get("x-sha256")
    if stated is not None and stated != facts.sha256:
        text = "Its graph is not the one that was installed."
        raise ModelError(text, remedy="Remove it and run: mediant models pull")


def _is_ours(name: str) -> bool:
    return name.endswith((".onnx", ".json", ".pb"))


def _list_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    inside = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in inside if path.is_dir())


def _list_embedding_folders(families: Sequence[Path]) -> list[Path]:
    named = (family / name for family in families for name in _EMBEDDING_FOLDERS)
    return [folder for folder in named if folder.is_dir()]


def _list_head_folders(families: Sequence[Path]) -> list[Path]:
    return [kind for family in families for kind in _list_folders(family / "heads")]


def _drop_rivals(
    found: Sequence[T],
    refused: list[Refusal],
    rank: Callable[[T], tuple[object, ...]],
    key: Callable[[T], object],
) -> list[T]:
    """One for each key, the highest rank winning; the others become refusals."""
    best: dict[object, T] = {}
    for one in sorted(found, key=rank, reverse=True):
        winner = best.setdefault(key(one), one)
        if winner is not one:
            text = f"{winner.graph.name} is another form of the same network and is used instead."
            refused.append(Refusal(one.graph, text, is_fault=False))
    return sorted(best.values(), key=lambda one: (str(key(one)), str(one.graph)))


def _backbone_rank(backbone: Backbone) -> tuple[object, ...]:
    """A free batch size beats a fixed one; then a file that the user placed (its name ends in a
    version) beats the one that `pull` installs; then the later name."""
    return (backbone.batch is None, backbone.graph.stem != backbone.name, backbone.graph.name)


def _head_rank(head: Head) -> tuple[object, ...]:
    return (head.graph.name,)


def _sort_refusals(refused: Sequence[Refusal]) -> list[Refusal]:
    return sorted(refused, key=lambda refusal: str(refusal.path))
