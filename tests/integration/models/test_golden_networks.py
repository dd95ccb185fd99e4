"""The converted networks against the original TensorFlow graphs and against Essentia."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mediant.models.catalog import CATALOG
from mediant.models.convert import convert
from mediant.models.network import Floats
from mediant.models.runtime import open_network

pytestmark = pytest.mark.models

GOLDEN = Path(__file__).resolve().parents[2] / "data" / "golden"
NAMES = {
    "msd-musicnn": "MSD_musicnn",
    "mtt-musicnn": "MTT_musicnn",
    "msd-vgg": "MSD_vgg",
    "mtt-vgg": "MTT_vgg",
}
ACTIVATIONS = 1e-5
EMBEDDINGS = 1e-4
FRAMES = 187


@pytest.fixture(scope="module")
def graphs(wheel, tmp_path_factory):
    """Name to converted graph, for all four."""
    folder = tmp_path_factory.mktemp("graphs")
    for name, entry in CATALOG.items():
        (folder / f"{name}.onnx").write_bytes(convert(entry, wheel))
    return {name: folder / f"{name}.onnx" for name in CATALOG}


def _patches(mel: Floats, hop: int) -> Floats:
    starts = range(0, len(mel) - FRAMES + 1, hop)
    return np.stack([mel[start : start + FRAMES] for start in starts])


def _tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Show a figure although the test passes."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def _outputs(name: str) -> list[str]:
    musicnn = ["penultimate"] if name.endswith("musicnn") else []
    return ["activations", "logits", "embeddings", *musicnn]


@pytest.mark.parametrize("name", NAMES)
def test_equal_to_the_original_graphs_on_the_stored_mel(graphs, name, capsys):
    mel = np.load(GOLDEN / "mel.npz")["librosa_musicnn"]
    golden = np.load(GOLDEN / "musicnn_tf.npz")
    found = open_network(graphs[name]).run(_patches(mel, FRAMES), _outputs(name))
    errors = {
        output: float(np.abs(rows - golden[f"{NAMES[name]}.{output}"]).max())
        for output, rows in found.items()
    }
    told = ", ".join(f"{output} {error:.1e}" for output, error in errors.items())
    _tell(capsys, f"{name} against TensorFlow: {told}")
    assert errors.pop("activations") <= ACTIVATIONS
    assert max(errors.values()) <= EMBEDDINGS
    mean = found["activations"].mean(axis=0)
    assert np.abs(mean - golden[f"{NAMES[name]}.mean_activations"]).max() <= ACTIVATIONS / 2


@pytest.mark.parametrize("hop", [93, 187])
@pytest.mark.parametrize("name", NAMES)
def test_equal_to_essentia_on_its_own_mel(graphs, name, hop, capsys):
    mel = np.load(GOLDEN / "mel.npz")["essentia_musicnn"]
    golden = np.load(GOLDEN / "musicnn_essentia.npz")
    found = open_network(graphs[name]).run(_patches(mel, hop), ["activations", "embeddings"])
    title = f"{NAMES[name]}.hop{hop}"
    error = float(np.abs(found["activations"] - golden[f"{title}.activations"]).max())
    _tell(capsys, f"{name} hop {hop} against Essentia: activations {error:.1e}")
    assert error <= ACTIVATIONS
    if f"{title}.embeddings" in golden:
        difference = np.abs(found["embeddings"] - golden[f"{title}.embeddings"]).max()
        assert difference <= EMBEDDINGS


@pytest.mark.parametrize("name", NAMES)
def test_the_labels_are_those_of_the_networks(name):
    golden = np.load(GOLDEN / "musicnn_tf.npz")
    assert CATALOG[name].labels == tuple(golden[f"labels_{name[:3]}"].tolist())


@pytest.mark.parametrize("name", ["msd-musicnn", "mtt-vgg"])
def test_batches_of_one_and_four_are_equal(graphs, name):
    # Asked directly: our own runtime feeds patches singly.
    from mediant.models.silent_onnxruntime import onnxruntime  # noqa: PLC0415

    mel = np.load(GOLDEN / "mel.npz")["librosa_musicnn"]
    patches = _patches(mel, FRAMES)
    session = onnxruntime.InferenceSession(str(graphs[name]), providers=["CPUExecutionProvider"])
    (together,) = session.run(["activations"], {"melspectrogram": patches})
    alone = open_network(graphs[name]).run(patches, ["activations"])["activations"]
    assert np.abs(together - alone).max() <= 1e-6


def test_conversion_gives_the_announced_bytes_in_every_process(wheel):
    code = (
        "import sys, hashlib; from pathlib import Path;"
        "from mediant.models.catalog import CATALOG; from mediant.models.convert import convert;"
        "print([hashlib.sha256(convert(e, Path(sys.argv[1]))).hexdigest()"
        " for e in CATALOG.values()])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(wheel)],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert runs == {str([entry.sha256 for entry in CATALOG.values()])}


def test_size_and_checksum_of_the_catalog_are_true(graphs):
    for name, entry in CATALOG.items():
        content = graphs[name].read_bytes()
        assert (entry.size_bytes, entry.sha256) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
