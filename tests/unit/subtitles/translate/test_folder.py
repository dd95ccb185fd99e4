"""What a folder with a translation model tells, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mediant.errors import ModelError
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.translate import find_route
from mediant.subtitles.translate.folder import read_folder, read_shelf
from mediant.testing.translation_models import build_dictionary_model, write_manifest

WORDS = {"hello": "hola", "world": "mundo"}
SHARED = ("sentencepiece.bpe.model",)


def bare(folder: Path, *files: str, tokens: list[str] | None = None) -> Path:
    """The files that are looked at, without weights."""
    folder.mkdir(parents=True)
    for name in ("model.bin", *files):
        (folder / name).write_bytes(b"x")
    if tokens is not None:
        (folder / "shared_vocabulary.json").write_text(json.dumps(tokens))
    return folder


def test_a_pair_is_read_from_the_name_of_the_folder(tmp_path: Path):
    for name in ("eng-spa", "en-es", "opus-mt-en-es", "ct2-opus-mt-tc-big-en-es"):
        build_dictionary_model(tmp_path / name, WORDS)
        folder = read_folder(tmp_path / name)
        assert folder.kind == "opus"
        assert (set(folder.sources), set(folder.targets)) == ({"eng"}, {"spa"})


def test_targets_of_many_are_read_from_the_vocabulary(tmp_path: Path):
    tokens = [
        "</s>",
        "<unk>",
        ">>fra<<",
        ">>pt<<",
        ">>pt_br<<",
        ">>cmn_Hans<<",
        ">>roa<<",
        ">>id<<",
    ]
    path = bare(tmp_path / "en-ROMANCE", "source.spm", "target.spm", tokens=tokens)
    folder = read_folder(path)
    assert folder.sources == {"eng"}
    assert folder.targets == {"fra", "por", "zho", "ind"}
    assert folder.marks["por"] == ">>pt<<"
    assert not folder.is_multilingual


@pytest.mark.parametrize(
    ("tokens", "kind"),
    [
        (["__en__", "__es__", "__ja__", "__ns__"], "m2m100"),
        (["eng_Latn", "spa_Latn", "jpn_Jpan", "abc_Defg"], "nllb"),
        (["<2en>", "<2es>", "<2ja>", "<2translate>"], "madlad"),
    ],
)
def test_models_of_many_languages_are_known_by_their_marks(tmp_path: Path, tokens, kind):
    folder = read_folder(bare(tmp_path / "any", "spiece.model", tokens=["</s>", *tokens]))
    assert folder.kind == kind
    assert folder.sources == folder.targets == {"eng", "spa", "jpn"}
    assert folder.is_multilingual


def test_the_manifest_is_believed_before_the_name(tmp_path: Path):
    path = bare(tmp_path / "fra-deu", "a.spm", tokens=["<unk>"])
    write_manifest(
        path, kind="plain", sources=["en"], targets=["Spanish"], tokenizer=["a.spm"], licence="MIT"
    )
    folder = read_folder(path)
    assert (set(folder.sources), set(folder.targets)) == ({"eng"}, {"spa"})
    assert folder.licence == "MIT"


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("eng-spa", without("model.bin"), "no model.bin"),
        ("eng-spa", without("target.spm"), "no SentencePiece model"),
        ("eng-spa", without("shared_vocabulary.json"), "no vocabulary"),
        ("roa-eng", lambda _: None, "which languages it takes"),
        ("eng-ROMANCE", lambda _: None, "which languages it gives"),
        ("model", lambda _: None, "which languages it takes"),
        (
            "eng-spa",
            lambda f: (f / "manifest.json").write_text("{"),
            "manifest.json cannot be read",
        ),
        ("eng-spa", lambda f: write_manifest(f, kind="magic"), "manifest.json: kind"),
        (
            "eng-spa",
            lambda f: write_manifest(f, sha256={"model.bin": "1"}),
            "manifest.json: sha256",
        ),
        ("eng-spa", lambda f: write_manifest(f, tokenizer=["../x/source.spm"]), "no SentencePiece"),
        ("eng-spa", lambda f: write_manifest(f, kind="m2m100"), "no mark for eng, spa"),
        ("eng-spa", lambda f: (f / "shared_vocabulary.json").write_text("7"), "no list of tokens"),
        (
            "eng-spa",
            lambda f: (f / "config.json").write_text("[]"),
            "config.json is no JSON object",
        ),
    ],
)
def test_what_is_not_told_is_refused_with_the_reason(tmp_path: Path, name, damage, reason):
    folder = bare(tmp_path / "mt" / name, "source.spm", "target.spm", tokens=["<unk>"])
    damage(folder)
    shelf = read_shelf(tmp_path)
    assert not shelf.folders
    assert reason in shelf.refused[0].reason


def test_bpe_codes_are_refused_as_what_they_are(tmp_path: Path):
    with pytest.raises(ModelError, match="BPE codes"):
        read_folder(bare(tmp_path / "eng-spa", "bpe.model", tokens=["<unk>"]))


def test_a_shelf_leaves_out_files_and_hidden_folders(tmp_path: Path):
    assert read_shelf(tmp_path).folders == ()
    shelf = tmp_path / "mt"
    bare(shelf / "eng-spa", "source.spm", "target.spm", tokens=["<unk>"])
    bare(shelf / ".import.x~", "source.spm", "target.spm", tokens=["<unk>"])
    (shelf / "README").write_text("")
    assert [one.path.name for one in read_shelf(tmp_path).folders] == ["eng-spa"]


def test_old_vocabularies_are_text(tmp_path: Path):
    folder = bare(tmp_path / "x", "sentencepiece.model")
    (folder / "source_vocabulary.txt").write_text("</s>\n__en__\n__es__\n")
    assert read_folder(folder).kind == "m2m100"


def test_a_new_folder_opens_a_way_at_once(tmp_path: Path):
    settings = SubtitlesSettings()
    with pytest.raises(ModelError) as told:
        find_route("fi", "ja", tmp_path, settings, whisper_can=False)
    place = tmp_path / "mt" / "fin-jpn"
    assert str(place) in str(told.value)
    bare(place, "source.spm", "target.spm", tokens=["<unk>"])
    (step,) = find_route("fi", "ja", tmp_path, settings, whisper_can=False).steps
    assert step.name == str(place)
