"""What a graph really takes and gives, whatever its metadata say."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import ModelError

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """One float32 input or output; free dimensions are None."""

    name: str
    shape: Shape

    @property
    def width(self) -> int | None:
        """The size of the last dimension."""
        return self.shape[-1] if self.shape else None

    def __str__(self) -> str:
        """`embeddings [?, 200]`."""
        sizes = ", ".join("?" if size is None else str(size) for size in self.shape)
        return f"{self.name} [{sizes}]"


@dataclass(frozen=True, slots=True)
class Signature:
    """All inputs and outputs of a graph."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def read_signature(graph: Path) -> Signature:
    """Load the graph and ask it; ModelError when it does not load."""
    from mediant.models.onnx_network import open_plain  # noqa: PLC0415 (imports ONNX Runtime)

    session = open_plain(graph)
    return Signature(_ports(session.get_inputs()), _ports(session.get_outputs()))


def list_ports(ports: Sequence[Port]) -> str:
    """The ports for a sentence."""
    return ", ".join(str(port) for port in ports) or "none"


def _ports(nodes: Sequence[Any]) -> tuple[Port, ...]:
    return tuple(
        Port(node.name, tuple(size if isinstance(size, int) else None for size in node.shape))
        for node in nodes
        if node.type == "tensor(float)"
    )


def require_rank(ports: Sequence[Port], rank: int, what: str) -> Port:
    """The only port of this rank; ModelError with the list when there is none or several."""
    fitting = [port for port in ports if len(port.shape) == rank]
    if len(fitting) != 1:
        text = f"It needs exactly one {what} of rank {rank} and has: {list_ports(ports)}."
        raise ModelError(text)
    return fitting[0]
