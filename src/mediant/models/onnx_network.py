"""Networks in ONNX Runtime, on the CPU or with CUDA."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mediant.errors import ModelError
from mediant.models.network import Floats, join_parts, portions
from mediant.models.silent_onnxruntime import onnxruntime, ort_errors

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
