"""Builds an ONNX graph node by node, with names that are the same in every run."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]
Dimension = int | str | None

_OPSET = 18
_IR_VERSION = 9
_PRODUCER = "mediant"


class GraphBuilder:
    """Collects nodes and constants; each method adds one node and returns its output's name."""

    def __init__(self, name: str, input_name: str, shape: Sequence[Dimension]) -> None:
        """One float32 input; text dimensions are symbolic."""
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, shape)

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        name: str,
        **attributes: Any,
    ) -> str:
        """One node with one output, both called `name`; ONNX attributes by keyword."""
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        """A float32 constant, row-major."""
        array = np.ascontiguousarray(values, dtype=np.float32)
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, name: str, values: Sequence[int]) -> str:
        """An int64 constant: axes and shapes."""
        self._constants.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
        return name

    def scale_shift(self, value: str, name: str, scale: Floats, shift: Floats) -> str:
        """`value * scale + shift`, broadcast as numpy does."""
        scaled = self.add("Mul", [value, self.constant(f"{name}/scale", scale)], f"{name}/scaled")
        return self.add("Add", [scaled, self.constant(f"{name}/shift", shift)], name)

    def serialize(self, outputs: Sequence[tuple[str, int]], batch: int | str = "batch") -> bytes:
        """The checked model file; `outputs` gives the name and the width of each rank-2 output."""
        values = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, width])
            for name, width in outputs
        ]
        graph = helper.make_graph(self._nodes, self._name, [self._input], values, self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name=_PRODUCER,
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content
