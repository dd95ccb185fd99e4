"""Layers that both published architectures are made of, from their tensors to ONNX nodes.

Kernels are stored [time, mel, in, out]; images are [batch, channel, time, mel] unless a function
says otherwise.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mediant.models.graph import GraphBuilder

Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, Floats]
Shapes = Mapping[str, tuple[int, ...]]
Pads = tuple[int, int, int, int]
"""Zeros at the top, left, bottom and right: time is the height."""

INPUT_NAME = "melspectrogram"
BANDS = 96
PATCH_FRAMES = 187
TAG_COUNT = 50

_EPSILON = 0.001
_NORMALISED = ("beta", "gamma", "moving_mean", "moving_variance")


def numbered(name: str, number: int) -> str:
    """TensorFlow numbers layers of one name from the second on."""
    return f"{name}_{number}" if number else name


def norm_shapes(number: int, width: int) -> dict[str, tuple[int, ...]]:
    """The tensors of one batch normalisation."""
    name = numbered("batch_normalization", number)
    return {f"{name}/{part}": (width,) for part in _NORMALISED}


def fold_norm(tensors: Tensors, number: int) -> tuple[Floats, Floats]:
    """Scale and shift of one batch normalisation at inference."""
    name = numbered("batch_normalization", number)
    beta, gamma, mean, variance = (
        tensors[f"{name}/{part}"].astype(np.float64) for part in _NORMALISED
    )
    scale = gamma / np.sqrt(variance + _EPSILON)
    return scale.astype(np.float32), (beta - mean * scale).astype(np.float32)


def normalise_channels(
    graph: GraphBuilder, value: str, name: str, norm: tuple[Floats, Floats]
) -> str:
    """Scale and shift the channels (axis 1) of an image."""
    shape = (-1, 1, 1)
    return graph.scale_shift(value, name, norm[0].reshape(shape), norm[1].reshape(shape))


def normalise_input(graph: GraphBuilder, tensors: Tensors) -> str:
    """The input as an image, scaled before any padding: pads are zeros of this signal."""
    return _normalised_image(graph, tensors, INPUT_NAME)


def normalise_turned_input(graph: GraphBuilder, tensors: Tensors) -> str:
    """The same with mel as the height: [batch, 1, mel, time]."""
    turned = graph.add("Transpose", [INPUT_NAME], "bands_first", perm=[0, 2, 1])
    return _normalised_image(graph, tensors, turned)


def _normalised_image(graph: GraphBuilder, tensors: Tensors, value: str) -> str:
    image = graph.add("Unsqueeze", [value, graph.integers("channel_axis", [1])], "image")
    return graph.scale_shift(image, "normalised", *fold_norm(tensors, 0))


def convolve(
    graph: GraphBuilder, value: str, name: str, kernel: Floats, bias: Floats | None, pads: Pads
) -> str:
    """A convolution of an image."""
    weights = kernel.transpose(3, 2, 0, 1)
    inputs = [value, graph.constant(f"{name}/kernel", weights)]
    if bias is not None:
        inputs.append(graph.constant(f"{name}/bias", bias))
    shape = list(weights.shape[2:])
    return graph.add("Conv", inputs, name, kernel_shape=shape, pads=list(pads))


def dense(graph: GraphBuilder, value: str, name: str, kernel: Floats, bias: Floats) -> str:
    """`value @ kernel + bias`."""
    constants = [graph.constant(f"{name}/kernel", kernel), graph.constant(f"{name}/bias", bias)]
    return graph.add("Gemm", [value, *constants], name)


def add_tags(graph: GraphBuilder, value: str, kernel: Floats, bias: Floats) -> None:
    """The outputs `logits` and `activations`."""
    graph.add("Sigmoid", [dense(graph, value, "logits", kernel, bias)], "activations")
