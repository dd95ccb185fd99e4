"""The one door to inference: a graph opened on a device, run on float32 batches.

Imported by workers. Nothing that the server imports at start may import it.
"""

import logging
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.network import Accelerator, Network
from mediant.models.onnx_network import OnnxNetwork
from mediant.models.silent_onnxruntime import onnxruntime

_log = logging.getLogger(__name__)


def open_network(graph: Path, *, accelerator: Accelerator = "auto", threads: int = 1) -> Network:
    """Open an ONNX file.

    `auto` takes CUDA where it really works and else the CPU, and logs why. Every other choice is
    taken or refused: ModelError with a remedy when it is not available.
    """
    if accelerator == "openvino":
        from mediant.models.openvino_network import open_openvino  # noqa: PLC0415 (optional extra)

        return open_openvino(graph, threads)
    if accelerator == "onnxruntime":
        return OnnxNetwork(graph, "cpu", threads)
    return _open_cuda(graph, threads, required=accelerator == "cuda")


def _open_cuda(graph: Path, threads: int, *, required: bool) -> Network:
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        try:
            return OnnxNetwork(graph, "cuda", threads)
        except ModelError as error:
            if required:
                raise
            _log.warning("CUDA is not used, the CPU is: %s", error)
    elif required:
        raise ModelError(
            "This ONNX Runtime has no CUDA.",
            asset=graph.name,
            remedy="Run: pip install 'mediant[gpu]', or set the accelerator to auto.",
        )
    return OnnxNetwork(graph, "cpu", threads)
