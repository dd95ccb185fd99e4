"""The front of musicnn: five convolutions over time and mel, each followed by the maximum over mel.

They are nine tenths of all the work of a tagging run, so the form is chosen for ONNX Runtime's
fastest convolution, the one that works on blocks of 16 channels. All of it is exact.

1. The published order is convolution, ReLU, normalisation, maximum. The last three commute: a
   normalisation with a positive scale keeps the maximum in place, one with a negative scale turns
   it into a minimum, which is the maximum of the negated convolution. So the maximum comes first
   and the rest works on one value for each frame instead of up to 96.
2. Long kernels are split (`winograd.py`): those over mel twice, the longer ones over time once.
   The maximum is taken in each phase, by a pool that ends before the positions that do not exist.
3. Images are [batch, channel, mel, time]: the convolution runs fastest along its last axis, and
   time is the longer one. Zeros for the margins in time are laid once, in front.
4. Each branch's channels are filled up to whole blocks with kernels of zeros (51 to 64, 204 to
   208), so that nothing is reordered between convolution, sum and pool. `FRONT_POSITIONS` says
   where the real channels are.
5. The number of frames is fixed. Only then does ONNX Runtime know that the two terms of a sum have
   one shape, and lets the convolution add the other term itself.
"""

from dataclasses import dataclass

import numpy as np

from mediant.models.graph import GraphBuilder
from mediant.models.layers import (
    BANDS,
    PATCH_FRAMES,
    Floats,
    Tensors,
    fold_norm,
    normalise_channels,
    numbered,
)
from mediant.models.winograd import (
    Filter,
    Signal,
    convolve_in_phases,
    cut,
    pad,
    phase_length,
    phase_offsets,
)

_BLOCK = 16
_MEL_AXIS = 2
_TIME_AXIS = 3


@dataclass(frozen=True, slots=True)
class Branch:
    """One convolution: its kernel [time, mel, in, out], the zeros before and after in time, and
    how many times it is split."""

    number: int
    kernel: tuple[int, int, int, int]
    before: int
    after: int
    levels: int

    @property
    def positions(self) -> int:
        """On how many mel positions the kernel fits."""
        return BANDS - self.kernel[1] + 1

    @property
    def is_over_mel(self) -> bool:
        """Whether the kernel spans bands; else it is long in time."""
        return self.kernel[1] > 1

    @property
    def channels(self) -> int:
        """How many channels it has here: whole blocks."""
        return -(-self.kernel[3] // _BLOCK) * _BLOCK

    @property
    def title(self) -> str:
        """The beginning of its nodes' names."""
        return f"front{self.number + 1}"


FRONT = (
    Branch(0, (7, 38, 1, 204), 3, 3, levels=2),
    Branch(1, (7, 67, 1, 204), 3, 3, levels=2),
    Branch(2, (128, 1, 1, 51), 63, 64, levels=1),
    Branch(3, (64, 1, 1, 51), 31, 32, levels=1),
    Branch(4, (32, 1, 1, 51), 15, 16, levels=0),
)

FRONT_CHANNELS = sum(branch.channels for branch in FRONT)
"""How many channels the front has in the graph, 608; 561 of them are real."""


def _real_positions() -> tuple[int, ...]:
    positions: list[int] = []
    start = 0
    for branch in FRONT:
        positions += range(start, start + branch.kernel[3])
        start += branch.channels
    return tuple(positions)


FRONT_POSITIONS = _real_positions()
"""The published channels' places among those of the graph."""


def add_front(graph: GraphBuilder, tensors: Tensors, signal: str) -> str:
    """[batch, 608, 1, 187] from the normalised image [batch, 1, 96, 187]."""
    norms = [fold_norm(tensors, branch.number + 1) for branch in FRONT]
    scale, shift = (_join([norm[part] for norm in norms]) for part in (0, 1))
    sign = np.where(scale < 0, -1.0, 1.0).astype(np.float32)
    features = [_branch(graph, tensors, branch, signal) for branch in FRONT]
    value = graph.add("Concat", features, "front/maxima", axis=1)
    signs = graph.constant("front/sign", sign[:, None, None])
    value = graph.add("Mul", [value, signs], "front/signed")
    value = graph.add("Relu", [value], "front/relu")
    return normalise_channels(graph, value, "front", (scale, shift))


def _join(parts: list[Floats]) -> Floats:
    """The branches' values for each channel, zero for those that only fill a block."""
    joined = np.zeros(FRONT_CHANNELS, dtype=np.float32)
    joined[list(FRONT_POSITIONS)] = np.concatenate(parts)
    return joined


def _branch(graph: GraphBuilder, tensors: Tensors, branch: Branch, signal: str) -> str:
    """The maxima over mel of the convolution, negated where the scale is negative."""
    zeros = (branch.before, branch.after)
    padded = pad(graph, signal, f"{branch.title}/padded", _TIME_AXIS, zeros)
    filters = _filters(tensors, branch)
    if branch.is_over_mel:
        phases = convolve_in_phases(graph, Signal(padded, BANDS), filters, branch.levels)
        return _maximum_of_mel_phases(graph, branch, phases)
    length = PATCH_FRAMES + sum(zeros)
    phases = convolve_in_phases(graph, Signal(padded, length), filters, branch.levels)
    return _interleave(graph, branch, phases)


def _filters(tensors: Tensors, branch: Branch) -> Filter:
    """The branch's kernel as [out, mel, time] and its bias, filled up to whole blocks."""
    name = numbered("conv2d", branch.number)
    scale, _ = fold_norm(tensors, branch.number + 1)
    sign = np.where(scale < 0, -1.0, 1.0).astype(np.float64)
    added = branch.channels - branch.kernel[3]
    kernel = (tensors[f"{name}/kernel"].astype(np.float64) * sign)[:, :, 0, :].transpose(2, 1, 0)
    kernel = np.pad(kernel, ((0, added), (0, 0), (0, 0)))
    bias = np.pad(tensors[f"{name}/bias"].astype(np.float64) * sign, (0, added))
    axis, count = (
        (_MEL_AXIS, branch.positions) if branch.is_over_mel else (_TIME_AXIS, PATCH_FRAMES)
    )
    return Filter(branch.title, axis, kernel, bias, count)


def _maximum_of_mel_phases(graph: GraphBuilder, branch: Branch, phases: list[str]) -> str:
    """[batch, channel, 1, time] from phases that are split over mel."""
    maxima = []
    for phase, offset in zip(phases, phase_offsets(branch.levels), strict=True):
        real = phase_length(branch.positions - offset, branch.levels)
        maxima.append(_pool(graph, phase, f"{branch.title}/max{offset}", real))
    value = maxima[0]
    for number, other in enumerate(maxima[1:]):
        value = graph.add("Max", [value, other], f"{branch.title}/joined{number}")
    return value


def _pool(graph: GraphBuilder, value: str, name: str, positions: int) -> str:
    """The maximum over the first positions of the mel axis: a stride that is longer than the axis
    leaves one window."""
    shape, strides = [positions, 1], [BANDS, 1]
    return graph.add("MaxPool", [value], name, kernel_shape=shape, strides=strides)


def _interleave(graph: GraphBuilder, branch: Branch, phases: list[str]) -> str:
    """[batch, channel, 1, time] from phases that are split over time: their maxima in turn."""
    title = branch.title
    offsets = phase_offsets(branch.levels)
    by_offset = sorted(zip(offsets, phases, strict=True))
    maxima = [_pool(graph, phase, f"{title}/max{offset}", BANDS) for offset, phase in by_offset]
    if len(maxima) == 1:
        return maxima[0]
    stacked = graph.add("Concat", maxima, f"{title}/stacked", axis=_MEL_AXIS)
    turned = graph.add("Transpose", [stacked], f"{title}/turned", perm=[0, 1, 3, 2])
    shape = graph.integers(f"{title}/shape", [0, 0, 1, -1])
    value = graph.add("Reshape", [turned, shape], f"{title}/interleaved")
    return cut(graph, value, f"{title}/real", _TIME_AXIS, (0, PATCH_FRAMES, 1))
