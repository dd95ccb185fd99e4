"""Long convolutions along one axis, from fewer multiplications.

S. Winograd, "Arithmetic complexity of computations", the algorithm F(2, 2). Split the input into
even values x0, odd values x1 and x2 = x0 one step later, and the kernel into even and odd taps
h0, h1. Then the even and odd outputs are `h0 * (x0 - x1) + m` and `h1 * (x2 - x1) + m` with the
shared `m = (h0 + h1) * x1`: three convolutions of half the taps and half the outputs instead of
four. Each of the three can be split again. Only sums are added, so float32 loses nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mediant.models.graph import GraphBuilder

Doubles = npt.NDArray[np.float64]

_RANK = 4


@dataclass(frozen=True, slots=True)
class Signal:
    """A one-channel image and its length along the axis that is split."""

    name: str
    length: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A kernel [out, height, width] in double precision, slid over an axis (2 or 3) of an image."""

    title: str
    axis: int
    kernel: Doubles
    bias: Doubles | None
    count: int
    """How many outputs are wanted along the axis."""

    @property
    def taps(self) -> int:
        """The kernel's length along the axis."""
        return int(self.kernel.shape[self.axis - 1])


def phase_offsets(levels: int) -> list[int]:
    """The first output of each phase that `convolve_in_phases` returns; the step is 2^levels."""
    offsets = [0]
    for _ in range(levels):
        offsets = [2 * offset for offset in offsets] + [2 * offset + 1 for offset in offsets]
    return offsets


def phase_length(count: int, levels: int) -> int:
    """How many outputs each phase holds. Some of the last may lie beyond `count`."""
    return -(-count // (1 << levels))


def convolve_in_phases(
    graph: GraphBuilder, signal: Signal, filters: Filter, levels: int
) -> list[str]:
    """The unpadded convolution as 2^levels phases, each [batch, out, ...] with every
    2^levels-th output; values beyond `filters.count` come from zeros behind the signal."""
    if levels == 0:
        return [_convolve(graph, signal, filters)]
    even, odd = _split_kernel(filters)
    count = phase_length(filters.count, 1)
    falling, middle, rising = _split_signal(
        graph, signal, filters, count + even.shape[filters.axis - 1] - 1
    )

    def part(name: str, source: Signal, kernel: Doubles, bias: Doubles | None) -> list[str]:
        half = Filter(f"{filters.title}/{name}", filters.axis, kernel, bias, count)
        return convolve_in_phases(graph, source, half, levels - 1)

    shared = part("shared", middle, even + odd, filters.bias)
    phases = []
    for name, source, kernel in (("even", falling, even), ("odd", rising, odd)):
        own = part(name, source, kernel, None)
        for number, pair in enumerate(zip(own, shared, strict=True)):
            phases.append(graph.add("Add", pair, f"{filters.title}/{name}/sum{number}"))
    return phases


def _split_kernel(filters: Filter) -> tuple[Doubles, Doubles]:
    """Even and odd taps; an odd count is filled up with a zero."""
    kernel = np.moveaxis(filters.kernel, filters.axis - 1, 0)
    if len(kernel) % 2:
        kernel = np.concatenate([kernel, np.zeros_like(kernel[:1])])
    even, odd = (np.moveaxis(kernel[start::2], 0, filters.axis - 1) for start in (0, 1))
    return even, odd


def _split_signal(
    graph: GraphBuilder, signal: Signal, filters: Filter, length: int
) -> tuple[Signal, Signal, Signal]:
    """`x0 - x1`, `x1` and `x2 - x1`, each of this length."""
    title, axis = filters.title, filters.axis
    value, missing = signal.name, 2 * length + 1 - signal.length
    if missing > 0:
        value = pad(graph, value, f"{title}/filled", axis, (0, missing))
    even, odd, later = (
        cut(graph, value, f"{title}/{name}", axis, (start, start + 2 * length - 1, 2))
        for start, name in enumerate(("x0", "x1", "x2"))
    )
    falling = graph.add("Sub", [even, odd], f"{title}/falling")
    rising = graph.add("Sub", [later, odd], f"{title}/rising")
    return Signal(falling, length), Signal(odd, length), Signal(rising, length)


def _convolve(graph: GraphBuilder, signal: Signal, filters: Filter) -> str:
    title, value = filters.title, signal.name
    needed = filters.count + filters.taps - 1
    if signal.length > needed:
        value = cut(graph, value, f"{title}/needed", filters.axis, (0, needed, 1))
    inputs = [value, graph.constant(f"{title}/kernel", filters.kernel[:, None])]
    if filters.bias is not None:
        inputs.append(graph.constant(f"{title}/bias", filters.bias))
    return graph.add("Conv", inputs, title, kernel_shape=list(filters.kernel.shape[1:]))


def pad(graph: GraphBuilder, value: str, name: str, axis: int, zeros: tuple[int, int]) -> str:
    """Zeros before and after an image along one axis."""
    pads = [0] * (2 * _RANK)
    pads[axis], pads[axis + _RANK] = zeros
    return graph.add("Pad", [value, graph.integers(f"{name}/pads", pads)], name)


def cut(graph: GraphBuilder, value: str, name: str, axis: int, bounds: tuple[int, int, int]) -> str:
    """Start, end and step of a slice along one axis."""
    numbers = zip(("start", "end", "axis", "step"), (*bounds[:2], axis, bounds[2]), strict=True)
    inputs = [graph.integers(f"{name}/{what}", [number]) for what, number in numbers]
    return graph.add("Slice", [value, *inputs], name)
