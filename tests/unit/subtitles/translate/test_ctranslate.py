"""Real CTranslate2, real SentencePiece, and a network that shows every token that it was fed."""

import hashlib
from pathlib import Path

import pytest

from mediant.errors import Cancelled, ModelError
from mediant.subtitles.translate.ctranslate import CTranslateTranslator
from mediant.subtitles.translate.folder import read_folder
from mediant.subtitles.translate.translator import Computing
from mediant.testing.translation_models import build_dictionary_model, write_manifest

WORDS = {
    "hello": "hola", "world.": "mundo.", "the": "el", "cat": "gato", "sleeps": "duerme",
    "Where?": "¿Dónde?",
}  # fmt: skip

ONE_THREAD = Computing(threads=1)


def quietly(_share: float) -> None:
    """Go on."""


def translate(folder: Path, *texts: str, source: str = "eng", target: str = "spa") -> list[str]:
    translator = CTranslateTranslator(read_folder(folder), ONE_THREAD)
    try:
        return translator.translate(texts, source, target, quietly)
    finally:
        translator.close()


@pytest.mark.parametrize("end", ["fed", "added"])
def test_a_pair_gets_its_end_mark_once(tmp_path: Path, end):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS, end=end)
    assert translate(folder, "hello world.", "the cat sleeps", "Where?") == [
        "hola mundo.", "el gato duerme", "¿Dónde?",
    ]  # fmt: skip


def test_a_model_of_several_targets_is_told_which(tmp_path: Path):
    folder = tmp_path / "eng-ROMANCE"
    words = WORDS | {">>spa<<": "[spa]", ">>fra<<": "[fra]"}
    build_dictionary_model(folder, words, marks=[">>spa<<", ">>fra<<"])
    assert translate(folder, "hello world.") == ["[spa] hola mundo."]
    assert translate(folder, "hello world.", target="fra") == ["[fra] hola mundo."]


@pytest.mark.parametrize(("english", "spanish"), [("__en__", "__es__"), ("eng_Latn", "spa_Latn")])
def test_a_model_of_many_languages_gets_both_marks_and_gives_none(tmp_path: Path, english, spanish):
    folder = tmp_path / "many"
    build_dictionary_model(
        folder, WORDS, marks=[english, spanish], tokenizers=["sentencepiece.bpe.model"],
        decoder_start="</s>",
    )  # fmt: skip
    # Were the source's mark missing, every word would stand one place too early.
    assert translate(folder, "the cat sleeps", "hello") == ["el gato duerme", "hola"]


def test_madlad_is_told_the_target(tmp_path: Path):
    folder = tmp_path / "madlad"
    words = WORDS | {"<2es>": "[es]"}
    build_dictionary_model(
        folder, words, marks=["<2es>", "<2en>"], tokenizers=["spiece.model"], decoder_start="<unk>"
    )
    assert translate(folder, "the cat") == ["[es] el gato"]


def test_a_plain_model_gets_the_pieces_alone(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS, tokenizers=["sentencepiece.model"], end="none")
    assert read_folder(folder).kind == "plain"
    assert translate(folder, "the cat sleeps") == ["el gato duerme"]


def test_many_sentences_in_batches_with_looks_between(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS)
    translator = CTranslateTranslator(read_folder(folder), ONE_THREAD)
    texts = ["the cat sleeps", "hello"] * 40
    shares: list[float] = []
    found = translator.translate(texts, "eng", "spa", shares.append)
    assert found == ["el gato duerme", "hola"] * 40
    assert shares == [0.0, 0.4, 0.8]

    def stop(share: float) -> None:
        if share:
            raise Cancelled

    with pytest.raises(Cancelled):
        translator.translate(texts, "eng", "spa", stop)
    translator.close()


def test_a_text_longer_than_the_model_takes_goes_in_parts(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS)
    assert translate(folder, "the cat " * 110, "hello") == [("el gato " * 110).strip(), "hola"]


def test_a_pair_that_the_model_does_not_know_is_refused(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS)
    with pytest.raises(ModelError, match="from eng to fra"):
        translate(folder, "hello", target="fra")


def test_files_that_are_not_those_of_the_manifest_are_refused(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS)
    right = hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest()
    write_manifest(folder, sha256={"model.bin": right})
    assert translate(folder, "hello") == ["hola"]
    write_manifest(folder, sha256={"model.bin": "0" * 64})
    with pytest.raises(ModelError, match="not the file of the manifest"):
        translate(folder, "hello")
    write_manifest(folder, sha256={"gone.bin": "0" * 64})
    with pytest.raises(ModelError, match=r"gone\.bin cannot be read"):
        translate(folder, "hello")


def test_damaged_files_are_told(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="cannot be loaded"):
        translate(folder, "hello")
    (folder / "model.bin").write_bytes(whole)
    (folder / "source.spm").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"source\.spm cannot be loaded"):
        translate(folder, "hello")


def test_a_model_that_goes_round_in_circles_is_stopped(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(folder, WORDS, tokenizers=["sentencepiece.model"], end="none")
    # Attention over one token is always sure of it: the network itself never ends.
    (found,) = translate(folder, "cat")
    assert set(found.split()) == {"gato"}
    assert len(found.split()) < 6


def test_what_a_package_says_every_translation_begins_with_is_not_part_of_it(tmp_path: Path):
    folder = tmp_path / "eng-spa"
    build_dictionary_model(
        folder, WORDS, marks=["__opt_tgt_es"], tokenizers=["sentencepiece.model"], end="none"
    )
    write_manifest(folder, kind="plain", target_prefix="__opt_tgt_es")
    # This network copies by position: the forced first token takes the place of the first word.
    assert translate(folder, "the cat sleeps") == ["gato duerme"]
