"""The room's front door, without any download."""

import subprocess
import sys

import pytest

from mediant.errors import NotFound, Refused
from mediant.models import Models
from mediant.models.recipes import default_names, list_pullable
from mediant.models.speech_names import HUB_MODELS
from mediant.testing.models import write_backbone, write_head


def test_the_catalog_is_listed_before_anything_is_installed(tmp_path):
    listed = Models(tmp_path / "models").list_models()
    pinned, on_hubs = listed[: len(list_pullable())], listed[len(list_pullable()) :]
    assert [info.name for info in pinned] == list(list_pullable())
    assert all(info.licence in {"ISC", "MIT"} and info.sha256 for info in pinned)
    assert [info.name for info in on_hubs] == list(HUB_MODELS)
    assert all(info.is_pullable and info.source == HUB_MODELS[info.name] for info in on_hubs)
    assert not any(info.is_installed for info in listed)
    assert not (tmp_path / "models").exists()


def test_the_default_pair_is_musicnn():
    assert default_names() == ("msd-musicnn", "mtt-musicnn")


def test_placed_networks_and_refusals_are_listed(tmp_path):
    write_backbone(tmp_path, "discogs-effnet")
    write_head(tmp_path, "mood_sad", ["non_sad", "sad"], family="discogs-effnet")
    write_head(tmp_path, "bad", ["a", "b"], family="discogs-effnet", width=3)
    listed = {info.name: info for info in Models(tmp_path).list_models()}
    assert listed["discogs-effnet"].is_installed
    assert listed["discogs-effnet/mood_sad"].about == "multiclass: non_sad, sad"
    refused = listed["discogs-effnet/heads/softmax/bad-discogs-effnet-1.onnx"]
    assert "width 3" in (refused.refused_reason or "")
    assert not refused.is_installed


def test_a_placed_form_of_a_catalog_network_is_used_instead_of_it(tmp_path):
    write_backbone(tmp_path, "msd-musicnn")
    listed = {info.name: info for info in Models(tmp_path).list_models()}
    assert listed["msd-musicnn-1"].is_installed
    assert not listed["msd-musicnn"].is_installed


def test_verify_tells_each_result(tmp_path):
    write_backbone(tmp_path, "discogs-effnet")
    write_head(tmp_path, "bad", ["a", "b"], family="discogs-effnet", width=3)
    findings = {one.name: one for one in Models(tmp_path).verify()}
    assert findings["discogs-effnet"].is_sound
    (bad,) = [one for name, one in findings.items() if "bad" in name]
    assert not bad.is_sound
    assert "width 3" in bad.text


def test_what_the_user_placed_is_never_deleted(tmp_path):
    graph = write_backbone(tmp_path, "discogs-effnet")
    with pytest.raises(Refused, match="does not delete it"):
        Models(tmp_path).remove("discogs-effnet")
    assert graph.exists()


def test_unknown_and_missing_names(tmp_path):
    models = Models(tmp_path)
    with pytest.raises(NotFound, match="it has: msd-musicnn"):
        models.pull(["nothing"])
    with pytest.raises(NotFound):
        models.verify(["nothing"])
    with pytest.raises(NotFound, match="not installed"):
        models.remove("msd-vgg")
    assert not models.verify(["msd-vgg"])[0].is_sound


def test_importing_the_room_imports_nothing_heavy():
    code = (
        "import sys, mediant.models;"
        "print([m for m in ('numpy', 'onnx', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
