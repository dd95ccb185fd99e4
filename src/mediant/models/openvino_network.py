"""Networks in OpenVINO, an optional extra that is faster on CPUs with bfloat16 arithmetic.

bfloat16 moves scores a little (up to 4e-3 on music, 1.2e-2 on artificial input). So it is used
only where the CPU has it and a self-test against float32 passes, and it marks the model's version.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mediant.errors import ModelError
from mediant.kernel.telemetry import silence_libraries
from mediant.models.fixed_patch import fixed_patch
from mediant.models.network import Floats, Network, join_parts, portions
from mediant.models.onnx_network import OnnxNetwork

_log = logging.getLogger(__name__)

_PATCH_RANK = 3
_FREE_FRAMES = 187
"""The patch of the networks whose graphs leave the number of frames open."""
_ACTIVATION_ERROR = 0.03
"""Allowed in the self-test for a single activation; 2.5 times what was seen."""

_RELATIVE_ERROR = 0.05
"""Allowed for any other output, as a part of its norm; twice what was seen."""


def open_openvino(graph: Path, threads: int) -> Network:
    """Open a graph in OpenVINO; ModelError with a remedy when OpenVINO is not installed.

    Heads (rank 2) stay in ONNX Runtime: they are too small to gain anything.
    """
    silence_libraries()
    try:
        import openvino  # noqa: PLC0415 (optional extra)
    except ImportError as missing:
        raise ModelError(
            "OpenVINO is not installed.",
            asset=graph.name,
            remedy="Run: pip install 'mediant[openvino]', or set the accelerator to auto.",
        ) from missing
    reference = OnnxNetwork(graph, "cpu", threads)
    if len(reference.input_shape) != _PATCH_RANK:
        return reference
    core = openvino.Core()
    if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        network = OpenvinoNetwork(core, graph, "bf16", threads)
        fault = _find_fault(network, reference)
        if fault is None:
            return network
        network.close()
        _log.warning("bfloat16 is not used for %s, float32 is: %s", graph.name, fault)
    return OpenvinoNetwork(core, graph, "f32", threads)


class OpenvinoNetwork:
    """A graph compiled for patches of one size, one at a time: more at once is not faster."""

    def __init__(self, core: Any, graph: Path, precision: str, threads: int) -> None:
        """Compile; ModelError when OpenVINO does not take the graph. `precision`: f32, bf16."""
        self._name = graph.name
        try:
            model = core.read_model(str(graph))
            self.patch_shape = _patch_shape(model)
            model.reshape(list(self.patch_shape))
            compiled = core.compile_model(model, "CPU", _settings(precision, threads))
        except RuntimeError as error:
            raise ModelError(f"OpenVINO does not open it: {error}.", asset=graph.name) from error
        self._request: Any = compiled.create_infer_request()
        self.output_names = [output.get_any_name() for output in compiled.outputs]
        self._is_bf16 = precision == "bf16"

    @property
    def device(self) -> str:
        """See `Network.device`."""
        return "openvino-bf16" if self._is_bf16 else "openvino"

    @property
    def version_suffix(self) -> str:
        """See `Network.version_suffix`."""
        return "+bf16" if self._is_bf16 else ""

    def run(self, batch: Floats, outputs: Sequence[str]) -> dict[str, Floats]:
        """See `Network.run`. The patches must have the size that the graph was compiled for."""
        if batch.shape[1:] != self.patch_shape[1:]:
            text = f"It was opened for patches {self.patch_shape[1:]}, not {batch.shape[1:]}."
            raise ModelError(text, asset=self._name)
        parts = []
        for portion, count in portions(batch, self.patch_shape[0]):
            self._request.infer({0: portion})
            parts.append([self._request.get_tensor(name).data[:count].copy() for name in outputs])
        return join_parts(parts, outputs)

    def close(self) -> None:
        """See `Network.close`."""
        self._request = None


def _patch_shape(model: Any) -> tuple[int, ...]:
    """One patch, or the graph's own batch size."""
    batch, frames, bands = model.inputs[0].get_partial_shape()
    return (
        batch.get_length() if batch.is_static else 1,
        frames.get_length() if frames.is_static else _FREE_FRAMES,
        bands.get_length(),
    )


def _settings(precision: str, threads: int) -> dict[str, Any]:
    return {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        # Several workers would all be pinned to the same cores.
        "ENABLE_CPU_PINNING": False,
    }


def _find_fault(network: OpenvinoNetwork, reference: OnnxNetwork) -> str | None:
    """Compare with float32 on fixed patches; what is wrong, or None."""
    _, frames, bands = network.patch_shape
    patch = fixed_patch(frames, bands)
    patches = np.concatenate([patch, patch[:, ::-1], 0.5 * patch, np.zeros_like(patch)])
    found = network.run(patches, network.output_names)
    expected = reference.run(patches, network.output_names)
    for name in network.output_names:
        error = np.abs(found[name] - expected[name])
        allowed = _ACTIVATION_ERROR
        if name != "activations":
            allowed = _RELATIVE_ERROR * float(np.linalg.norm(expected[name]))
            error = np.linalg.norm(error)
        if not float(np.max(error)) <= allowed:
            return f"its {name} differ from float32 by {float(np.max(error)):.4f}"
    return None
