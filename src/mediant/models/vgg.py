"""The published vgg architecture: which tensors it has and how they become ONNX."""

from types import MappingProxyType

from mediant.models.graph import GraphBuilder
from mediant.models.layers import (
    BANDS,
    INPUT_NAME,
    PATCH_FRAMES,
    TAG_COUNT,
    Shapes,
    Tensors,
    add_tags,
    convolve,
    fold_norm,
    norm_shapes,
    normalise_channels,
    normalise_input,
)

EMBEDDING_DIM = 256

_CHANNELS = 128
_POOLS = (
    # The first stride skips every second mel band: that is how the networks were trained.
    ((4, 1), (2, 2)),
    ((2, 2), (2, 2)),
    ((2, 2), (2, 2)),
    ((2, 2), (2, 2)),
    ((4, 4), (4, 4)),
)


def _shapes() -> Shapes:
    shapes: dict[str, tuple[int, ...]] = norm_shapes(0, 1)
    for block in range(1, len(_POOLS) + 1):
        channels = 1 if block == 1 else _CHANNELS
        shapes[f"{block}CNN/kernel"] = (3, 3, channels, _CHANNELS)
        shapes[f"{block}CNN/bias"] = (_CHANNELS,)
        shapes |= norm_shapes(block, _CHANNELS)
    shapes |= {"dense/kernel": (EMBEDDING_DIM, TAG_COUNT), "dense/bias": (TAG_COUNT,)}
    return MappingProxyType(shapes)


SHAPES = _shapes()
"""Every tensor of a checkpoint that inference needs."""


def convert_vgg(name: str, tensors: Tensors) -> bytes:
    """The ONNX file: float32 [batch, 187, 96] to `activations` and `logits` [batch, 50] and
    `embeddings` [batch, 256]. Only the batch is free."""
    graph = GraphBuilder(name, INPUT_NAME, ["batch", PATCH_FRAMES, BANDS])
    value = normalise_input(graph, tensors)
    for block in range(1, len(_POOLS) + 1):
        value = _block(graph, tensors, block, value)
    channels_last = graph.add("Transpose", [value], "channels_last", perm=[0, 2, 3, 1])
    embeddings = graph.add("Flatten", [channels_last], "embeddings", axis=1)
    add_tags(graph, embeddings, tensors["dense/kernel"], tensors["dense/bias"])
    return graph.serialize(
        [("activations", TAG_COUNT), ("logits", TAG_COUNT), ("embeddings", EMBEDDING_DIM)]
    )


def _block(graph: GraphBuilder, tensors: Tensors, block: int, value: str) -> str:
    title = f"block{block}"
    kernel, bias = tensors[f"{block}CNN/kernel"], tensors[f"{block}CNN/bias"]
    value = convolve(graph, value, title, kernel, bias, (1, 1, 1, 1))
    value = graph.add("Relu", [value], f"{title}/relu")
    value = normalise_channels(graph, value, f"{title}/norm", fold_norm(tensors, block))
    size, step = _POOLS[block - 1]
    return graph.add(
        "MaxPool", [value], f"{title}/pool", kernel_shape=list(size), strides=list(step)
    )
