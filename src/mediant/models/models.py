"""The models room's front door: what is there, what can be fetched, and whether it is sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediant.errors import ModelError, NotFound, Refused
from mediant.models.catalog import CATALOG, Entry
from mediant.models.install import install
from mediant.models.model_info import (
    ModelInfo,
    list_refused,
    list_speech,
    of_backbone,
    of_entry,
    of_head,
)
from mediant.models.network_recipe import graph_path
from mediant.models.place import remove_folder
from mediant.models.recipes import default_names, find_name, find_pinned, get_recipe
from mediant.models.registry import discover
from mediant.models.speech_folder import SPEECH_FOLDER, SpeechModel, find_speech_models
from mediant.models.speech_note import find_damage, read_note
from mediant.models.step import PullStep, Report
from mediant.models.suite import Suite

__all__ = ["ModelFinding", "ModelInfo", "Models"]


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """What a verification says of one model."""

    name: str
    is_sound: bool
    text: str
    is_pullable: bool = False
    """Whether a pull of this name mends it."""


def _be_silent(_step: PullStep) -> None:
    """Nobody listens."""


class Models:
    """The models in one folder. Several servers may share it, also read-only."""

    def __init__(self, folder: Path) -> None:
        """The folder need not exist yet."""
        self.folder = folder

    def suite(self) -> Suite:
        """The music networks that can be used now. Cheap when nothing changed."""
        return discover(self.folder)

    def speech_models(self) -> list[SpeechModel]:
        """The speech models that lie there; those that cannot be used say why."""
        return find_speech_models(self.folder / SPEECH_FOLDER)

    def list_models(self) -> list[ModelInfo]:
        """Music networks: the catalog, what the user placed, what is refused. Then speech."""
        suite = self.suite()
        ours = {graph_path(self.folder, entry) for entry in CATALOG.values()}
        placed = [of_backbone(one) for one in suite.backbones if one.graph not in ours]
        heads = [of_head(head) for head in suite.heads]
        refused = list_refused(suite, ours)
        speech = list_speech(self.speech_models())
        return [*self._list_catalog(suite), *placed, *heads, *refused, *speech]

    def _list_catalog(self, suite: Suite) -> Iterator[ModelInfo]:
        found = {backbone.graph: backbone for backbone in suite.backbones}
        reasons = {refusal.path.with_suffix(".onnx"): refusal.reason for refusal in suite.refused}
        for entry in CATALOG.values():
            path = graph_path(self.folder, entry)
            yield of_entry(entry, path, found.get(path), reasons.get(path))

    def pull(
        self, names: Sequence[str] | None = None, report: Report = _be_silent
    ) -> tuple[str, ...]:
        """Fetch, check and install models of the catalogs or of a hub, by name; the music networks
        without names.

        Does nothing for those that are there already. Returns the names of those installed now.
        NotFound for an unknown name; ModelError with a remedy when one cannot be fetched, does not
        convert, fails its test run or cannot be written; Refused where a folder of the user's has
        its place. Those installed before it stay.
        """
        chosen = default_names() if names is None else tuple(names)
        return install([get_recipe(name) for name in chosen], self.folder, report)

    def verify(self, names: Sequence[str] | None = None) -> list[ModelFinding]:
        """Hash and test-run the installed models, or those named, and tell each result."""
        known = {info.name: info for info in self.list_models()}
        if names is None:
            chosen = [one for one in known.values() if one.is_installed or one.refused_reason]
        else:
            chosen = [_get_info(known, name) for name in names]
        return [self._verify_one(info) for info in chosen]

    def remove(self, name: str) -> None:
        """Delete a model that was pulled or imported. Refused for what the user placed."""
        info = self.check_removal(name)
        try:
            was_there = self._delete(info)
        except OSError as error:
            raise Refused(f"It cannot be deleted: {error.strerror}.", asset=name) from error
        if not was_there:
            raise NotFound("This model is not installed.", asset=name)

    def check_removal(self, name: str) -> ModelInfo:
        """The model that `remove` would delete; its errors, and nothing is deleted."""
        info = _get_info({one.name: one for one in self.list_models()}, name)
        if find_pinned(info.name) is None and not _is_ours(info):
            if info.path is None and info.is_pullable:
                raise NotFound("This model is not installed.", asset=name)
            text = "Mediant did not install this model and does not delete it."
            raise Refused(text, asset=info.name, remedy=f"Delete it yourself: {info.path}")
        return info

    def _delete(self, info: ModelInfo) -> bool:
        """Whether there was anything to delete."""
        pinned = find_pinned(info.name)
        if pinned is not None:
            return pinned.remove(self.folder)
        return info.path is not None and remove_folder(info.path)

    def _verify_one(self, info: ModelInfo) -> ModelFinding:
        pinned = find_pinned(info.name)
        fault = pinned.find_fault(self.folder) if pinned else _find_speech_damage(info)
        fault = fault or info.refused_reason
        if info.kind != "speech":  # a checksum says as much of these as a run
            fault = fault or _find_run_fault(info, CATALOG.get(info.name))
        return ModelFinding(info.name, fault is None, fault or "Sound.", info.is_pullable)


def _is_ours(info: ModelInfo) -> bool:
    """Whether it is a speech model that was pulled or imported."""
    return info.kind == "speech" and info.path is not None and bool(read_note(info.path))


def _find_speech_damage(info: ModelInfo) -> str | None:
    """What differs from the checksums that were noted at a pull or an import."""
    if info.kind != "speech":
        return None
    if info.path is None:
        return "It is not installed."
    note = read_note(info.path)
    return find_damage(info.path, note) if note else None


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


def _get_info(known: dict[str, ModelInfo], name: str) -> ModelInfo:
    found = known.get(name) or known.get(find_name(name))
    if found is None:
        raise NotFound("There is no such model.", asset=name, remedy="Run: mediant models list")
    return found
