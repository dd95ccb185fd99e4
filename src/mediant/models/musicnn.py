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
    PATCH_FRAMES,
    TAG_COUNT,
    Floats,
    Shapes,
    Tensors,
    add_tags,
    dense,
    fold_norm,
    norm_shapes,
    normalise_channels,
    normalise_turned_input,
    numbered,
)
from mediant.models.musicnn_front import FRONT, FRONT_CHANNELS, FRONT_POSITIONS, add_front

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
    """The ONNX file: float32 [batch, 187, 96] to `activations` and `logits` [batch, 50],
    `embeddings` (before the last ReLU) and `penultimate` [batch, 200]. Only the batch is free.
    """
    graph = GraphBuilder(name, INPUT_NAME, ["batch", PATCH_FRAMES, BANDS])
    front = add_front(graph, tensors, normalise_turned_input(graph, tensors))
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
        layer = normalise_channels(graph, layer, f"{title}/norm", norm)
        if layers:
            layer = graph.add("Add", [layer, value], f"{title}/residual")
        layers.append(layer)
        value = layer
    return layers


def _convolve_sequence(
    graph: GraphBuilder, tensors: Tensors, number: int, value: str, title: str
) -> str:
    """A convolution over time of [batch, channel, 1, time]."""
    name = numbered("conv2d", number)
    kernel = tensors[f"{name}/kernel"].transpose(3, 1, 2, 0)
    if kernel.shape[1] == _FRONT_CHANNELS:
        kernel = _place_real_channels(kernel, axis=1)
    inputs = [
        value,
        graph.constant(f"{title}/kernel", kernel),
        graph.constant(f"{title}/bias", tensors[f"{name}/bias"]),
    ]
    margin = _TAPS // 2
    pads = [0, margin, 0, margin]
    return graph.add("Conv", inputs, title, kernel_shape=[1, _TAPS], pads=pads)


def _place_real_channels(weights: Floats, axis: int) -> Floats:
    """Weights for the front's channels as published, moved to where these are in the graph and
    zero for those that only fill a block. What follows the front on this axis stays behind it."""
    published = np.moveaxis(weights, axis, 0)
    added = FRONT_CHANNELS - _FRONT_CHANNELS
    placed = np.zeros((len(published) + added, *published.shape[1:]), dtype=np.float32)
    placed[list(FRONT_POSITIONS)] = published[:_FRONT_CHANNELS]
    placed[FRONT_CHANNELS:] = published[_FRONT_CHANNELS:]
    return np.moveaxis(placed, 0, axis)


def _pool_over_time(graph: GraphBuilder, value: str) -> str:
    """[batch, 2 * channels]: all maxima, then all means."""
    parts = [
        graph.add("GlobalMaxPool", [value], "pool/max"),
        graph.add("GlobalAveragePool", [value], "pool/mean"),
    ]
    joined = graph.add("Concat", parts, "pool/joined", axis=1)
    return graph.add("Flatten", [joined], "pool", axis=1)


def _fold_pooled_norm(tensors: Tensors) -> tuple[Floats, Floats]:
    """The dense layer with the normalisation before it folded in, its rows reordered from
    max0, mean0, max1 ... to all maxima and all means of the graph's channels."""
    scale, shift = fold_norm(tensors, _POOLED_NORM)
    kernel = tensors["dense/kernel"].astype(np.float64)
    bias = tensors["dense/bias"] + (kernel * shift[:, None]).sum(axis=0)
    kernel *= scale[:, None]
    rows = [kernel[start::2].astype(np.float32) for start in (0, 1)]
    placed = np.concatenate([_place_real_channels(part, axis=0) for part in rows])
    return placed, bias.astype(np.float32)
