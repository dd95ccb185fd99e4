"""The front of musicnn: five convolutions over time and mel, each followed by the maximum over mel.

They are four fifths of all the work of a tagging run, so two exact rearrangements are made here.

1. The published order is convolution, ReLU, normalisation, maximum. The last three commute: a
   normalisation with a positive scale keeps the maximum in place, one with a negative scale turns
   it into a minimum, which is the maximum of the negated convolution. So the maximum comes first
   and the rest works on one value for each frame instead of up to 96.
2. Long mel kernels are computed in two phases (Winograd, "Arithmetic complexity of computations",
   F(2, 2)). With the input split into even bands x0, odd bands x1, and x2 = x0 one step later,
   and the kernel into even and odd taps h0, h1, the even and odd outputs are
   `h0 * (x0 - x1) + m` and `h1 * (x2 - x1) + m` with the shared `m = (h0 + h1) * x1`: three half
   convolutions instead of four. Only additions are added, so float32 loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mediant.models.graph import GraphBuilder
from mediant.models.layers import (
    BANDS,
    Floats,
    Tensors,
    convolve,
    fold_norm,
    normalise_channels,
    numbered,
)

_MEL_AXIS = 3
_LAST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Branch:
    """One convolution: its kernel [time, mel, in, out] and the zeros before and after in time."""

    number: int
    kernel: tuple[int, int, int, int]
    before: int
    after: int

    @property
    def positions(self) -> int:
        """On how many mel positions the kernel fits."""
        return BANDS - self.kernel[1] + 1

    @property
    def title(self) -> str:
        """The beginning of its nodes' names."""
        return f"front{self.number + 1}"


FRONT = (
    Branch(0, (7, 38, 1, 204), 3, 3),
    Branch(1, (7, 67, 1, 204), 3, 3),
    Branch(2, (128, 1, 1, 51), 63, 64),
    Branch(3, (64, 1, 1, 51), 31, 32),
    Branch(4, (32, 1, 1, 51), 15, 16),
)


def add_front(graph: GraphBuilder, tensors: Tensors, signal: str) -> str:
    """[batch, 561, frames, 1] from the normalised image [batch, 1, frames, 96]."""
    phases = _split_phases(graph, signal)
    features = [_branch(graph, tensors, branch, signal, phases) for branch in FRONT]
    return graph.add("Concat", features, "front", axis=1)


def _branch(
    graph: GraphBuilder, tensors: Tensors, branch: Branch, signal: str, phases: Sequence[str]
) -> str:
    name, title = numbered("conv2d", branch.number), branch.title
    scale, shift = fold_norm(tensors, branch.number + 1)
    sign = np.where(scale < 0, -1.0, 1.0).astype(np.float32)
    kernel, bias = tensors[f"{name}/kernel"] * sign, tensors[f"{name}/bias"] * sign
    if branch.kernel[1] > 1:
        value = _two_phase_maximum(graph, branch, kernel, bias, phases)
    else:
        pads = (branch.before, 0, branch.after, 0)
        value = convolve(graph, signal, title, kernel, bias, pads)
        value = _maximum(graph, value, f"{title}/max")
    signs = graph.constant(f"{title}/sign", sign.reshape(-1, 1, 1))
    value = graph.add("Mul", [value, signs], f"{title}/signed")
    value = graph.add("Relu", [value], f"{title}/relu")
    return normalise_channels(graph, value, f"{title}/norm", (scale, shift))


def _two_phase_maximum(
    graph: GraphBuilder, branch: Branch, kernel: Floats, bias: Floats, phases: Sequence[str]
) -> str:
    """The maximum over all mel positions of the convolution, from three half convolutions."""
    title, pads = branch.title, (branch.before, 0, branch.after, 0)
    even, odd = _split_kernel(kernel)
    evens = (branch.positions + 1) // 2
    odds = branch.positions - evens
    width = evens + even.shape[1] - 1
    cut = [_cut(graph, one, f"{title}/{one}", width) for one in phases]
    shared = convolve(graph, cut[1], f"{title}/shared", even + odd, bias, pads)
    maxima = []
    for phase, half, part, count in (("even", even, cut[0], evens), ("odd", odd, cut[2], odds)):
        own = convolve(graph, part, f"{title}/{phase}/own", half, None, pads)
        value = graph.add("Add", [own, shared], f"{title}/{phase}")
        if count < evens:
            value = _cut(graph, value, f"{title}/{phase}/real", count)
        maxima.append(_maximum(graph, value, f"{title}/{phase}/max"))
    return graph.add("Max", maxima, f"{title}/max")


def _split_phases(graph: GraphBuilder, signal: str) -> tuple[str, str, str]:
    """`x0 - x1`, `x1` and `x2 - x1`, each half as wide as the signal."""
    even = _slice(graph, signal, "bands/even", 0, 2)
    odd = _slice(graph, signal, "bands/odd", 1, 2)
    later = _slice(graph, even, "bands/later", 1, 1)
    # The last value is used only for a position that does not exist and is cut off.
    pads = graph.integers("bands/pads", [0, 0, 0, 0, 0, 0, 0, 1])
    later = graph.add("Pad", [later, pads], "bands/padded")
    return (
        graph.add("Sub", [even, odd], "bands/falling"),
        odd,
        graph.add("Sub", [later, odd], "bands/rising"),
    )


def _split_kernel(kernel: Floats) -> tuple[Floats, Floats]:
    """Even and odd mel taps; an odd count is filled up with a zero."""
    if kernel.shape[1] % 2:
        kernel = np.pad(kernel, ((0, 0), (0, 1), (0, 0), (0, 0)))
    return kernel[:, 0::2], kernel[:, 1::2]


def _maximum(graph: GraphBuilder, value: str, name: str) -> str:
    axis = graph.integers(f"{name}/axis", [_MEL_AXIS])
    return graph.add("ReduceMax", [value, axis], name, keepdims=1)


def _cut(graph: GraphBuilder, value: str, name: str, width: int) -> str:
    """The first `width` positions along mel."""
    return _slice(graph, value, name, 0, 1, width)


def _slice(
    graph: GraphBuilder, value: str, name: str, start: int, step: int, end: int = _LAST
) -> str:
    bounds = [
        graph.integers(f"{name}/{what}", [number])
        for what, number in (("start", start), ("end", end), ("axis", _MEL_AXIS), ("step", step))
    ]
    return graph.add("Slice", [value, *bounds], name)
