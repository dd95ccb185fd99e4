"""Folders in Essentia's published form are bound to what the graphs have, or refused aloud."""

import json
import os

import pytest

from mediant.models.facts import hash_file
from mediant.models.registry import Suite, discover
from mediant.testing.models import FAMILIES, write_backbone, write_head


def _reason(suite: Suite) -> str:
    assert len(suite.refused) == 1, suite.refused
    return suite.refused[0].reason


def test_a_missing_folder_is_an_empty_suite(tmp_path):
    suite = discover(tmp_path / "nowhere")
    assert (suite.backbones, suite.heads, suite.refused) == ((), (), ())


@pytest.mark.parametrize(
    ("family", "front_end", "frames", "hop", "width", "tags"),
    [
        ("discogs-effnet", "musicnn", 128, 62, 1280, 400),
        ("msd-musicnn", "musicnn", 187, 93, 200, 50),
        ("audioset-yamnet", "vggish", 96, 93, 1024, 521),
        ("audioset-vggish", "vggish", 96, 93, 128, 0),
    ],
)
def test_each_published_backbone_is_bound(tmp_path, family, front_end, frames, hop, width, tags):
    graph = write_backbone(tmp_path, family)
    suite = discover(tmp_path)
    (backbone,) = suite.backbones
    assert suite.refused == ()
    assert (backbone.name, backbone.version) == (family, hash_file(graph))
    assert (backbone.front_end, backbone.patch_frames, backbone.patch_hop) == (
        front_end,
        frames,
        hop,
    )
    assert (backbone.embedding_output, backbone.embedding_dim) == ("embeddings", width)
    assert backbone.tag_output == ("activations" if tags else None)
    assert len(backbone.tag_labels) == tags
    assert (backbone.sample_rate, backbone.batch) == (16000, None)


def test_our_own_fields_replace_what_the_algorithm_implies(tmp_path):
    fields = {"x-front-end": "musicnn", "x-patch-frames": 187, "x-patch-hop": 187}
    fields["x-licence"] = "ISC"
    fields["x-source"] = {"package": "musicnn", "version": "0.1.0"}
    write_backbone(tmp_path, "msd-musicnn", metadata=fields)
    (backbone,) = discover(tmp_path).backbones
    assert (backbone.patch_hop, backbone.licence) == (187, "ISC")
    assert backbone.source == "musicnn 0.1.0"


def test_the_form_with_a_free_batch_is_preferred(tmp_path):
    write_backbone(tmp_path, "discogs-effnet", batch=64, file="discogs-effnet-bs64-1")
    (fixed,) = discover(tmp_path).backbones
    assert fixed.batch == 64
    write_backbone(tmp_path, "discogs-effnet")
    suite = discover(tmp_path)
    assert [backbone.batch for backbone in suite.backbones] == [None]
    assert "is used instead" in _reason(suite)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (("happy", "non_happy"), "happy"),
        (("non_sad", "sad"), "sad"),
        (("aggressive", "not_aggressive"), "aggressive"),
        (("not_approachable", "approachable"), "approachable"),
        (("female", "male"), None),
    ],
)
def test_the_positive_class_is_found_by_name(tmp_path, labels, positive):
    write_backbone(tmp_path, "msd-musicnn")
    write_head(tmp_path, "mood", labels)
    (head,) = discover(tmp_path).heads
    assert (head.labels, head.positive, head.kind) == (labels, positive, "multiclass")


@pytest.mark.parametrize("chosen", ["instrumental", "voice"])
def test_a_stated_positive_class_wins(tmp_path, chosen):
    write_backbone(tmp_path, "msd-musicnn")
    fields = {"x-positive-class": chosen}
    write_head(tmp_path, "voice_instrumental", ["instrumental", "voice"], metadata=fields)
    assert discover(tmp_path).heads[0].positive == chosen


def test_heads_bind_by_the_graph_and_not_by_the_json(tmp_path):
    write_backbone(tmp_path, "discogs-effnet")
    labels = ("approachability",)
    kind = "identity"
    write_head(tmp_path, "approachability_regression", labels, family="discogs-effnet", kind=kind)
    (head,) = discover(tmp_path).heads
    assert (head.name, head.backbone) == ("approachability_regression", "discogs-effnet")
    assert (head.input_name, head.output_name) == ("embeddings", "activations")
    assert (head.kind, head.labels, head.positive) == ("regression", labels, None)


def test_a_head_for_the_fixed_batch_file_fits_the_free_one(tmp_path):
    write_backbone(tmp_path, "discogs-effnet")
    model = {"embedding_model": {"model_name": "discogs-effnet-bs64-1"}}
    labels = ["non_sad", "sad"]
    family = "discogs-effnet"
    write_head(tmp_path, "mood_sad", labels, family=family, metadata={"inference": model})
    assert [head.name for head in discover(tmp_path).heads] == ["mood_sad"]


def test_options_are_kept_and_unknown_fields_ignored(tmp_path):
    write_backbone(tmp_path, "msd-musicnn")
    fields = {"min_conf": 0.2, "cascade": {"high": 0.8}, "author": "somebody"}
    write_head(tmp_path, "genre", ["a", "b", "c"], kind="sigmoid", metadata=fields)
    (head,) = discover(tmp_path).heads
    assert head.kind == "multilabel"
    assert head.options == {"min_conf": 0.2, "cascade": {"high": 0.8}}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"width": 100}, "width 100, but msd-musicnn gives 200"),
        ({"outputs": [("activations", 3)]}, "no output is so wide: activations [?, 3]"),
        ({"outputs": [("x", 2), ("y", 2)]}, "not clear which output"),
        ({"metadata": {"classes": None}}, "name no classes"),
        ({"metadata": {"classes": ["a", "a"]}}, "names a class twice"),
        ({"metadata": {"inference": None}}, "model_name"),
        (
            {"metadata": {"inference": {"embedding_model": {"model_name": "other-1"}}}},
            "needs the embeddings of other-1",
        ),
        ({"metadata": {"x-positive-class": "c"}}, "not among its classes"),
    ],
)
def test_a_head_that_does_not_fit_is_a_visible_refusal(tmp_path, changes, reason):
    write_backbone(tmp_path, "msd-musicnn")
    graph = write_head(tmp_path, "mood", ["a", "b"], **changes)
    suite = discover(tmp_path)
    assert suite.heads == ()
    assert reason in _reason(suite)
    assert suite.refused[0].path == graph


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"inference": {"sample_rate": 44100}}, "inference.algorithm"),
        (
            {"inference": {"sample_rate": 44100, "algorithm": "TensorflowPredictMusiCNN"}},
            "44100 Hz",
        ),
        ({"x-patch-frames": 128}, "imply 128 frames"),
        ({"x-front-end": "vggish"}, "imply 64 bands"),
        ({"classes": ["a", "b"]}, "no output is so wide"),
    ],
)
def test_a_backbone_that_does_not_fit_is_a_visible_refusal(tmp_path, fields, reason):
    write_backbone(tmp_path, "msd-musicnn", metadata=fields)
    suite = discover(tmp_path)
    assert suite.backbones == ()
    assert reason in _reason(suite)


def test_files_without_their_partner_are_refused(tmp_path):
    write_backbone(tmp_path, "msd-musicnn").with_suffix(".json").unlink()
    assert "msd-musicnn-1.json must lie beside it" in _reason(discover(tmp_path))
    folder = tmp_path / "msd-musicnn" / "embeddings"
    (folder / "msd-musicnn-1.onnx").rename(folder / "msd-musicnn-1.pb")
    assert "TensorFlow graph is not run" in _reason(discover(tmp_path))
    (folder / "msd-musicnn-1.pb").rename(folder / "msd-musicnn-1.json")
    assert "is not there" in _reason(discover(tmp_path))


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_unreadable_metadata_are_refused(tmp_path, content):
    write_backbone(tmp_path, "msd-musicnn").with_suffix(".json").write_bytes(content)
    assert "metadata" in _reason(discover(tmp_path))


def test_a_damaged_graph_is_refused_until_it_is_mended(tmp_path):
    graph = write_backbone(tmp_path, "msd-musicnn")
    sound = graph.read_bytes()
    graph.write_bytes(sound[: len(sound) // 2])
    assert "cannot be opened" in _reason(discover(tmp_path))
    assert "cannot be opened" in _reason(discover(tmp_path))
    graph.write_bytes(sound)
    assert discover(tmp_path).refused == ()


def test_facts_are_kept_and_a_changed_graph_is_seen(tmp_path):
    graph = write_backbone(tmp_path, "msd-musicnn")
    first = discover(tmp_path)
    notes = json.loads((tmp_path / ".facts.json").read_text())
    assert [note["sha256"] for note in notes.values()] == [first.backbones[0].version]
    assert discover(tmp_path) == first
    write_backbone(tmp_path, "msd-musicnn", labels=["a", "b"])
    os.utime(graph, ns=(1, 1))
    second = discover(tmp_path)
    assert second.backbones[0].version == hash_file(graph) != first.backbones[0].version
    assert second.version != first.version


@pytest.mark.parametrize("notes", [b"", b"[]", b'{"a": 1}', b'{"a": {"stamp": [1]}}'])
def test_damaged_notes_are_found_anew(tmp_path, notes):
    write_backbone(tmp_path, "msd-musicnn")
    expected = discover(tmp_path)
    (tmp_path / ".facts.json").write_bytes(notes)
    assert discover(tmp_path) == expected


def test_the_version_depends_on_names_and_graphs_only(tmp_path):
    for place in ("a", "b"):
        for family in FAMILIES:
            write_backbone(tmp_path / place, family)
    assert discover(tmp_path / "a").version == discover(tmp_path / "b").version
    write_head(tmp_path / "b", "mood_happy", ["happy", "non_happy"])
    assert discover(tmp_path / "a").version != discover(tmp_path / "b").version


def test_a_graph_that_is_not_the_installed_one_is_refused(tmp_path):
    graph = write_backbone(tmp_path, "msd-musicnn", metadata={"x-sha256": "0" * 64})
    suite = discover(tmp_path)
    assert not suite.backbones
    assert [(one.path, one.is_fault) for one in suite.refused] == [(graph, True)]
    assert "not the one that was installed" in suite.refused[0].reason
