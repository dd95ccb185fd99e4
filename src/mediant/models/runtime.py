"""The one door to inference: a graph opened on a device, run on float32 batches.

Imported by workers. Nothing that the server imports at start may import it.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from mediant.errors import ModelError

Accelerator = Literal["auto", "onnxruntime", "openvino", "cuda"]
Floats = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)
_ERRORS_ONLY = 3
_PATCH_RANK = 3
# ONNX Runtime's exceptions have no base class of their own.
_ORT_FAILURES = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class Network(Protocol):
    """An opened graph. Not thread-safe: one network belongs to one worker."""

    @property
    def device(self) -> str:
        """`cpu`, `cuda`, `openvino` or `openvino-bf16`."""
        ...

    @property
    def version_suffix(self) -> str:
        """What to append to the model's version: empty unless the arithmetic is less exact."""
        ...

    def run(self, batch: Floats, outputs: Sequence[str]) -> dict[str, Floats]:
        """The named outputs for a batch, one row for each row of `batch`.

        A graph with a fixed batch size is fed in such portions, the last one filled up with
        zeros and the surplus rows cut. ModelError when the input does not fit the graph.
        """
        ...

    def close(self) -> None:
        """Give the memory back. The network cannot be used afterwards."""
        ...


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


class OnnxNetwork:
    """A graph in ONNX Runtime."""

    version_suffix = ""

    def __init__(self, graph: Path, device: Literal["cpu", "cuda"], threads: int = 1) -> None:
        """Load the graph; ModelError when it is damaged or the device does not take it."""
        self.device: str = device
        self._name = graph.name
        self._session = _open_session(graph, device, threads)
        first = self._session.get_inputs()[0]
        self._input: str = first.name
        self.input_shape: list[int | str | None] = first.shape
        self._batch = _portion_size(first.shape, device)

    def run(self, batch: Floats, outputs: Sequence[str]) -> dict[str, Floats]:
        """See `Network.run`."""
        parts = [
            [rows[:count] for rows in self._run_portion(portion, outputs)]
            for portion, count in portions(batch, self._batch)
        ]
        return join_parts(parts, outputs)

    def _run_portion(self, portion: Floats, outputs: Sequence[str]) -> Sequence[Floats]:
        try:
            rows: Sequence[Floats] = self._session.run(list(outputs), {self._input: portion})
        except (*_ORT_FAILURES, ValueError) as error:
            text = f"The network does not take an input of shape {portion.shape}: {error}."
            raise ModelError(text, asset=self._name) from error
        return rows

    def close(self) -> None:
        """See `Network.close`."""
        del self._session


def portions(batch: Floats, size: int | None) -> Iterator[tuple[Floats, int]]:
    """Cut a batch into portions of exactly `size` rows, with the count of real rows in each."""
    if size is None:
        yield np.ascontiguousarray(batch, dtype=np.float32), len(batch)
        return
    for start in range(0, max(len(batch), 1), size):
        rows = batch[start : start + size]
        full = np.zeros((size, *batch.shape[1:]), dtype=np.float32)
        full[: len(rows)] = rows
        yield full, len(rows)


def join_parts(parts: Sequence[Sequence[Floats]], outputs: Sequence[str]) -> dict[str, Floats]:
    """The outputs of several portions as one array each."""
    if len(parts) == 1:
        return dict(zip(outputs, parts[0], strict=True))
    columns = zip(*parts, strict=True)
    return {name: np.concatenate(rows) for name, rows in zip(outputs, columns, strict=True)}


def _portion_size(shape: Sequence[int | str | None], device: str) -> int | None:
    """The graph's own batch size. Else, on a CPU, one patch at a time: its intermediate values
    then stay in the cache, which is a tenth faster than four patches and needs less memory."""
    if shape and isinstance(shape[0], int):
        return shape[0]
    return 1 if device == "cpu" and len(shape) == _PATCH_RANK else None


def open_plain(graph: Path) -> Any:
    """An unoptimised session, cheap to open: to ask a graph for its inputs and outputs."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return _load(graph, options, ["CPUExecutionProvider"])


def _open_session(graph: Path, device: str, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    # Spinning threads would take the cores from the other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = ["CPUExecutionProvider"]
    if device == "cuda":
        providers.insert(0, "CUDAExecutionProvider")
    session = _load(graph, options, providers)
    if device == "cuda" and session.get_providers()[0] != "CUDAExecutionProvider":
        text = "ONNX Runtime has CUDA but could not start it on this machine."
        remedy = "Check the driver and the CUDA libraries, or set the accelerator to auto."
        raise ModelError(text, asset=graph.name, remedy=remedy)
    return session


def _load(graph: Path, options: Any, providers: Sequence[str]) -> Any:
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=list(providers))
    except (*_ORT_FAILURES, RuntimeError, OSError) as error:
        text = f"The network cannot be opened: {error}."
        remedy = "Run: mediant models verify"
        raise ModelError(text, asset=graph.name, remedy=remedy) from error
