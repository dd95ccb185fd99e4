"""Networks give one row for each row they got, whatever batch their graph wants."""

import importlib.util

import numpy as np
import pytest

from mediant.errors import ModelError
from mediant.models.runtime import open_network
from mediant.models.silent_onnxruntime import onnxruntime
from mediant.testing.models import write_backbone, write_head

OUTPUTS = ["activations", "embeddings"]


@pytest.fixture
def patches():
    random = np.random.default_rng(3)
    return random.random((7, 128, 96), dtype=np.float32)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_a_fixed_batch_gives_the_same_rows_as_a_free_one(tmp_path, patches, count):
    free = open_network(write_backbone(tmp_path, "discogs-effnet", labels=["a", "b"], file="x"))
    fixed = open_network(
        write_backbone(tmp_path / "f", "discogs-effnet", labels=["a", "b"], file="x", batch=4)
    )
    expected = free.run(patches[:count], OUTPUTS)
    found = fixed.run(patches[:count], OUTPUTS)
    assert found["embeddings"].shape == (count, 1280)
    for name in OUTPUTS:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)


def test_each_patch_alone_equals_the_batch(tmp_path, patches):
    network = open_network(write_backbone(tmp_path, "discogs-effnet"))
    together = network.run(patches, ["embeddings"])["embeddings"]
    alone = [network.run(patches[i : i + 1], ["embeddings"])["embeddings"][0] for i in range(7)]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_a_head_takes_all_rows_and_gives_probabilities(tmp_path):
    network = open_network(write_head(tmp_path, "mood", ["a", "b"], bias=[2.0, 0.0]))
    rows = network.run(np.zeros((5, 200), dtype=np.float32), ["activations"])["activations"]
    expected = np.tile([0.880797, 0.119203], (5, 1))
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_another_patch_size_is_a_model_error(tmp_path, patches):
    network = open_network(write_backbone(tmp_path, "discogs-effnet"))
    with pytest.raises(ModelError, match="does not take an input of shape"):
        network.run(patches[:, :100], ["embeddings"])


def test_an_unknown_output_is_a_model_error(tmp_path, patches):
    network = open_network(write_backbone(tmp_path, "discogs-effnet"))
    with pytest.raises(ModelError):
        network.run(patches, ["nothing"])


def test_a_damaged_graph_is_a_model_error(tmp_path):
    graph = write_backbone(tmp_path, "discogs-effnet")
    graph.write_bytes(graph.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be opened"):
        open_network(graph)
    with pytest.raises(ModelError, match="cannot be opened"):
        open_network(tmp_path / "nowhere.onnx")


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="CUDA is there"
)
def test_cuda_that_is_missing_is_refused_unless_auto(tmp_path):
    graph = write_backbone(tmp_path, "discogs-effnet")
    with pytest.raises(ModelError, match="has no CUDA") as caught:
        open_network(graph, accelerator="cuda")
    assert "pip install" in (caught.value.remedy or "")
    assert open_network(graph, accelerator="auto").device == "cpu"


def _has_openvino() -> bool:
    return importlib.util.find_spec("openvino") is not None


@pytest.mark.skipif(_has_openvino(), reason="OpenVINO is there")
def test_openvino_that_is_missing_is_refused_with_the_way_to_get_it(tmp_path):
    with pytest.raises(ModelError, match="not installed") as caught:
        open_network(write_backbone(tmp_path, "discogs-effnet"), accelerator="openvino")
    assert "mediant[openvino]" in (caught.value.remedy or "")


@pytest.mark.skipif(not _has_openvino(), reason="OpenVINO is not installed")
@pytest.mark.parametrize("batch", [None, 4])
def test_openvino_agrees_with_onnx_runtime(tmp_path, patches, batch):
    graph = write_backbone(tmp_path, "discogs-effnet", batch=batch)
    network = open_network(graph, accelerator="openvino")
    assert network.version_suffix == ("+bf16" if network.device == "openvino-bf16" else "")
    found = network.run(patches, OUTPUTS)
    expected = open_network(graph, accelerator="onnxruntime").run(patches, OUTPUTS)
    np.testing.assert_allclose(found["activations"], expected["activations"], atol=0.03)
    with pytest.raises(ModelError, match="opened for patches"):
        network.run(patches[:, :100], OUTPUTS)
    network.close()


@pytest.mark.skipif(not _has_openvino(), reason="OpenVINO is not installed")
def test_heads_stay_exact_with_openvino(tmp_path):
    network = open_network(write_head(tmp_path, "mood", ["a", "b"]), accelerator="openvino")
    assert (network.device, network.version_suffix) == ("cpu", "")
