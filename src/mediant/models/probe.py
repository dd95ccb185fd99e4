"""The check that an installed network gives what it should."""

from pathlib import Path

from mediant.errors import ModelError
from mediant.models.catalog import Entry
from mediant.models.fixed_patch import fixed_patch
from mediant.models.runtime import open_network

_TOLERANCE = 1e-4


def check_network(graph: Path, entry: Entry) -> None:
    """Run the graph on the fixed patch; ModelError when the result is not the known one."""
    network = open_network(graph, accelerator="onnxruntime")
    row = network.run(fixed_patch(), ["activations"])["activations"][0]
    network.close()
    got = dict(zip(entry.labels, row.tolist(), strict=True))
    for label, expected in entry.probe.items():
        if not abs(got[label] - expected) <= _TOLERANCE:
            text = f"A test run gave {got[label]:.5f} for {label} instead of {expected:.5f}."
            raise ModelError(text, asset=entry.name, remedy="The network is not used.")
