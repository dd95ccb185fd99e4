"""Convolutions in phases are the plain convolution, whatever the lengths' parities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from mediant.models.graph import GraphBuilder
from mediant.models.silent_onnxruntime import onnxruntime
from mediant.models.winograd import (
    Filter,
    Signal,
    convolve_in_phases,
    phase_length,
    phase_offsets,
)

OTHER_TAPS = 3
OTHER_LENGTH = 9


def _run_phases(image, filters, levels):
    """Each phase's values, from ONNX Runtime."""
    graph = GraphBuilder("test", "image", image.shape)
    names = convolve_in_phases(graph, Signal("image", image.shape[filters.axis]), filters, levels)
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    model = helper.make_model(
        helper.make_graph(graph._nodes, "test", [graph._input], outputs, graph._constants),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(names, {"image": image})


@settings(max_examples=60, deadline=None)
@given(
    axis=st.sampled_from([2, 3]),
    taps=st.integers(2, 20),
    count=st.integers(4, 23),
    levels=st.integers(0, 2),
    seed=st.integers(0, 999),
)
def test_the_phases_are_the_plain_convolution(axis, taps, count, levels, seed):
    random = np.random.default_rng(seed)
    image = random.standard_normal((count + taps - 1, OTHER_LENGTH)).astype(np.float32)
    kernel = random.standard_normal((2, taps, OTHER_TAPS))
    bias = random.standard_normal(2)
    windows = np.lib.stride_tricks.sliding_window_view(image, (taps, OTHER_TAPS))
    expected = np.einsum("htab,oab->oht", windows, kernel) + bias[:, None, None]
    if axis == 3:
        image, kernel = image.T, kernel.transpose(0, 2, 1)
    filters = Filter("long", axis, kernel, bias, count)
    phases = _run_phases(np.ascontiguousarray(image)[None, None], filters, levels)
    for offset, phase in zip(phase_offsets(levels), phases, strict=True):
        real = phase_length(count - offset, levels)
        found = np.moveaxis(phase[0], axis - 1, 1)[:, :real]
        assert np.abs(found - expected[:, offset :: 2**levels]).max() < 1e-4


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_the_phases_share_out_every_output(levels):
    assert sorted(phase_offsets(levels)) == list(range(2**levels))
    assert sum(phase_length(59 - offset, levels) for offset in phase_offsets(levels)) == 59
