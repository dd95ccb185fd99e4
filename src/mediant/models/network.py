"""What every opened network is, whatever runs it, and how batches are cut to its size."""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Accelerator = Literal["auto", "onnxruntime", "openvino", "cuda"]
Floats = npt.NDArray[np.float32]


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
