"""The published musicnn architecture: which tensors it has and how they become ONNX.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging"
(2019). The order is always convolution + bias, ReLU, batch normalisation.
"""

from types import MappingProxyType

import numpy as np

from mediant.models.graph import GraphBuilder
from mediant.models.layers import (
    BANDS,
    INPUT_NAME,
    TAG_COUNT,
    Floats,
    Shapes,
    Tensors,
    add_tags,
    dense,
    fold_norm,
    norm_shapes,
    normalise_channels,
    normalise_input,
    numbered,
)
from mediant.models.musicnn_front import FRONT, add_front

EMBEDDING_DIM = 200

_TAPS = 7
_FILTERS = 64
_FRONT_CHANNELS = 561
_MIDDLE = ((5, _FRONT_CHANNELS), (6, _FILTERS), (7, _FILTERS))
"""Number and input channels of the middle convolutions."""

_POOLED = 2 * (_FRONT_CHANNELS + len(_MIDDLE) * _FILTERS)
_POOLED_NORM = 9
_PENULTIMATE_NORM = 10


def _shapes() -> Shapes:
    kernels = {branch.number: branch.kernel for branch in FRONT}
    kernels |= {number: (_TAPS, channels, 1, _FILTERS) for number, channels in _MIDDLE}
    shapes: dict[str, tuple[int, ...]] = norm_shapes(0, 1)
    for number, kernel in kernels.items():
        name = numbered("conv2d", number)
        shapes |= {f"{name}/kernel": kernel, f"{name}/bias": kernel[-1:]}
        shapes |= norm_shapes(number + 1, kernel[-1])
    shapes |= norm_shapes(_POOLED_NORM, _POOLED) | norm_shapes(_PENULTIMATE_NORM, EMBEDDING_DIM)
    shapes |= {"dense/kernel": (_POOLED, EMBEDDING_DIM), "dense/bias": (EMBEDDING_DIM,)}
    shapes |= {"dense_1/kernel": (EMBEDDING_DIM, TAG_COUNT), "dense_1/bias": (TAG_COUNT,)}
    return MappingProxyType(shapes)


SHAPES = _shapes()
"""Every tensor of a checkpoint that inference needs."""


def convert_musicnn(name: str, tensors: Tensors) -> bytes:
    """The ONNX file: float32 [batch, frames, 96] to `activations` and `logits` [batch, 50],
    `embeddings` (before the last ReLU) and `penultimate` [batch, 200]. Batch and frames are free.
    """
    graph = GraphBuilder(name, INPUT_NAME, ["batch", "frames", BANDS])
    image = add_front(graph, tensors, normalise_input(graph, tensors))
    front = graph.add("Squeeze", [image, graph.integers("mel_axis", [3])], "sequence")
    layers = _middle(graph, tensors, front)
    pooled = _pool_over_time(graph, graph.add("Concat", [front, *layers], "join", axis=1))
    embeddings = dense(graph, pooled, "embeddings", *_fold_pooled_norm(tensors))
    rectified = graph.add("Relu", [embeddings], "embeddings/relu")
    norm = fold_norm(tensors, _PENULTIMATE_NORM)
    penultimate = graph.scale_shift(rectified, "penultimate", *norm)
    add_tags(graph, penultimate, tensors["dense_1/kernel"], tensors["dense_1/bias"])
    return graph.serialize(
        [
            ("activations", TAG_COUNT),
            ("logits", TAG_COUNT),
            ("embeddings", EMBEDDING_DIM),
            ("penultimate", EMBEDDING_DIM),
        ]
    )


def _middle(graph: GraphBuilder, tensors: Tensors, value: str) -> list[str]:
    """Three convolutions over time; the second and the third add what they were given."""
    layers: list[str] = []
    for number, _ in _MIDDLE:
        title = f"middle{number - _MIDDLE[0][0] + 1}"
        layer = _convolve_sequence(graph, tensors, number, value, title)
        layer = graph.add("Relu", [layer], f"{title}/relu")
        norm = fold_norm(tensors, number + 1)
        layer = normalise_channels(graph, layer, f"{title}/norm", norm, rank=3)
        if layers:
            layer = graph.add("Add", [layer, value], f"{title}/residual")
        layers.append(layer)
        value = layer
    return layers


def _convolve_sequence(
    graph: GraphBuilder, tensors: Tensors, number: int, value: str, title: str
) -> str:
    """A convolution over time of [batch, channel, time], as one matrix product for all taps and a
    sum of shifted slices: three times as fast as ONNX Runtime's convolution of this shape."""
    name = numbered("conv2d", number)
    taps = tensors[f"{name}/kernel"][:, :, 0, :]
    margin = _TAPS // 2
    pads = graph.integers(f"{title}/pads", [0, 0, margin, 0, 0, margin])
    padded = graph.add("Pad", [value, pads], f"{title}/padded")
    weights = graph.constant(f"{title}/kernel", taps.transpose(0, 2, 1).reshape(-1, taps.shape[1]))
    product = graph.add("MatMul", [weights, padded], f"{title}/product")
    parts = [_shifted(graph, product, f"{title}/tap{tap}", tap) for tap in range(_TAPS)]
    bias = graph.constant(f"{title}/bias", tensors[f"{name}/bias"][:, None])
    return graph.add("Sum", [*parts, bias], title)


def _shifted(graph: GraphBuilder, product: str, name: str, tap: int) -> str:
    """One tap's rows of the product, moved to where the tap sees them."""
    start = graph.integers(f"{name}/start", [tap * _FILTERS, tap])
    end_frame = tap - _TAPS + 1 or 2**31 - 1
    end = graph.integers(f"{name}/end", [(tap + 1) * _FILTERS, end_frame])
    axes = graph.integers(f"{name}/axes", [1, 2])
    return graph.add("Slice", [product, start, end, axes], name)


def _pool_over_time(graph: GraphBuilder, value: str) -> str:
    """[batch, 2 * channels]: all maxima, then all means."""
    axis = graph.integers("pool/axis", [2])
    parts = [
        graph.add("ReduceMax", [value, axis], "pool/max", keepdims=0),
        graph.add("ReduceMean", [value, axis], "pool/mean", keepdims=0),
    ]
    return graph.add("Concat", parts, "pool", axis=1)


def _fold_pooled_norm(tensors: Tensors) -> tuple[Floats, Floats]:
    """The dense layer with the normalisation before it folded in, its rows reordered from
    max0, mean0, max1 ... to all maxima and all means."""
    scale, shift = fold_norm(tensors, _POOLED_NORM)
    kernel = tensors["dense/kernel"].astype(np.float64)
    bias = tensors["dense/bias"] + (kernel * shift[:, None]).sum(axis=0)
    kernel *= scale[:, None]
    reordered = np.concatenate([kernel[0::2], kernel[1::2]])
    return reordered.astype(np.float32), bias.astype(np.float32)
