"""Argos packages: unpacked safely, checked, and used."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from mediant.errors import ModelError, Refused
from mediant.subtitles.translate.argos import import_argos
from mediant.subtitles.translate.ctranslate import CTranslateTranslator
from mediant.subtitles.translate.folder import read_shelf
from mediant.testing.translation_models import build_dictionary_model

WORDS = {"the": "el", "cat": "gato", "sleeps": "duerme"}
ABOUT = {
    "package_version": "1.9", "argos_version": "1.9.0", "from_code": "en", "from_name": "English",
    "to_code": "es", "to_name": "Spanish", "dependencies": [],
}  # fmt: skip


def pack(folder: Path, extra: dict[str, bytes] | None = None, **about: object) -> Path:
    """A package as Argos makes it."""
    model = folder / "source"
    build_dictionary_model(model, WORDS, tokenizers=["sentencepiece.model"], end="none")
    package = folder / "translate-en_es-1_9.argosmodel"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in model.iterdir():
            place = "" if path.name == "sentencepiece.model" else "model/"
            archive.write(path, f"en_es/{place}{path.name}")
        archive.writestr("en_es/metadata.json", json.dumps(ABOUT | about))
        archive.writestr("en_es/README.md", "Made of OPUS.")
        archive.writestr("en_es/stanza/en/tokenize/ewt.pt", b"pickle")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return package


def test_a_package_becomes_a_folder_that_translates(tmp_path: Path):
    package, models = pack(tmp_path), tmp_path / "models"
    checksum = hashlib.sha256(package.read_bytes()).hexdigest()
    done = import_argos(package, models, checksum.upper())
    assert (done.sha256, done.version, done.licence) == (checksum, "1.9", None)
    (folder,) = read_shelf(models).folders
    assert folder == done.folder
    assert folder.path == models / "mt" / "eng-spa"
    assert folder.origin == f"Argos package, SHA-256 {checksum}"
    assert set(folder.sha256) >= {"model.bin", "sentencepiece.model"}
    assert not (folder.path / "stanza").exists()
    translator = CTranslateTranslator(folder)
    assert translator.translate(["the cat sleeps"], "eng", "spa", lambda _: None) == [
        "el gato duerme"
    ]
    translator.close()
    assert [path.name for path in folder.path.parent.iterdir()] == ["eng-spa"]


def test_its_licence_is_told(tmp_path: Path):
    package = pack(tmp_path, {"en_es/LICENSE": b"CC0"})
    assert import_argos(package, tmp_path / "m").licence == "see LICENSE"
    (tmp_path / "b").mkdir()
    package = pack(tmp_path / "b", license="CC-BY-4.0")
    assert import_argos(package, tmp_path / "b" / "m").licence == "CC-BY-4.0"


def test_paths_that_climb_are_never_followed(tmp_path: Path):
    extra = {"en_es/../../../evil": b"x", "/tmp/evil": b"x", "en_es/model/../../evil": b"x"}
    done = import_argos(pack(tmp_path, extra), tmp_path / "models")
    assert not list(tmp_path.rglob("evil"))
    assert done.folder.path.is_dir()


def test_links_are_refused(tmp_path: Path):
    package = pack(tmp_path)
    with zipfile.ZipFile(package, "a") as archive:
        link = zipfile.ZipInfo("en_es/LICENSE")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="link"):
        import_argos(package, tmp_path / "models")
    assert read_shelf(tmp_path / "models").folders == ()


def test_a_folder_that_is_there_stays(tmp_path: Path):
    package, models = pack(tmp_path), tmp_path / "models"
    import_argos(package, models)
    with pytest.raises(Refused, match="Remove this folder first"):
        import_argos(package, models)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"from_code": "en", "to_code": "en"}, "no pair"),
        ({"from_code": "../../x"}, "no pair"),
        ({"to_code": None}, "no pair"),
    ],
)
def test_metadata_without_a_pair_is_refused(tmp_path: Path, about, told):
    with pytest.raises(ModelError, match=told):
        import_argos(pack(tmp_path, **about), tmp_path / "models")


def test_other_files_are_refused(tmp_path: Path):
    text = tmp_path / "a.argosmodel"
    text.write_bytes(b"hello")
    with pytest.raises(ModelError, match="no sound zip"):
        import_argos(text, tmp_path / "models")
    with pytest.raises(ModelError, match="No such file"):
        import_argos(tmp_path / "gone.argosmodel", tmp_path / "models")
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("en_es/metadata.json", "{}")
    with pytest.raises(ModelError, match="no Argos package"):
        import_argos(text, tmp_path / "models")
    with zipfile.ZipFile(text, "w") as archive:
        for name in ("metadata.json", "model/model.bin", "bpe.model"):
            archive.writestr(f"en_es/{name}", "{}")
    with pytest.raises(ModelError, match="BPE"):
        import_argos(text, tmp_path / "models")


def test_a_wrong_or_damaged_package_leaves_nothing(tmp_path: Path):
    package, models = pack(tmp_path), tmp_path / "models"
    with pytest.raises(ModelError, match="not the one that was given"):
        import_argos(package, models, "0" * 64)
    content = bytearray(package.read_bytes())
    with zipfile.ZipFile(package) as archive:
        info = archive.getinfo("en_es/model/model.bin")
    middle = info.header_offset + 100 + info.compress_size // 2
    content[middle : middle + 8] = b"\xff" * 8
    package.write_bytes(content)
    with pytest.raises(ModelError, match="no sound zip"):
        import_argos(package, models)
    assert not any((models / "mt").iterdir())


def test_a_model_that_does_not_load_is_not_installed(tmp_path: Path):
    package = pack(tmp_path)
    broken = tmp_path / "broken.argosmodel"
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(broken, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, content[:999] if info.filename.endswith("model.bin") else content)
    with pytest.raises(ModelError, match="cannot be loaded"):
        import_argos(broken, tmp_path / "models")
    assert not any((tmp_path / "models" / "mt").iterdir())


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "cannot be read"), (b"[]", "no JSON object"), (b" " * (2 << 20), "1 MiB")],
)
def test_damaged_metadata_is_refused(tmp_path: Path, content, told):
    package = tmp_path / "a.argosmodel"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("model/model.bin", "sentencepiece.model"):
            archive.writestr(f"en_es/{name}", "x")
        archive.writestr("en_es/metadata.json", content)
    with pytest.raises(ModelError, match=told):
        import_argos(package, tmp_path / "models")


def test_a_package_that_would_fill_the_disk_is_refused(tmp_path: Path):
    package = pack(tmp_path)
    content = bytearray(package.read_bytes())
    at = 0
    while (at := content.find(b"PK\x01\x02", at + 1)) > 0:
        content[at + 24 : at + 28] = b"\xfe\xff\xff\xff"  # what its directory says of the size
    package.write_bytes(content)
    with pytest.raises(ModelError, match="4 GiB"):
        import_argos(package, tmp_path / "models")
