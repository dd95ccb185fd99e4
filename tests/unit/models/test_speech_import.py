"""Speech models from files and folders: checked, whole, and nothing written elsewhere."""

import hashlib
import io
import stat
import tarfile
import zipfile

import pytest

from mediant.errors import Invalid, ModelError, Refused
from mediant.models import Models
from mediant.models.speech_folder import find_speech_models
from mediant.models.speech_import import import_speech
from mediant.testing.speech_models import make_weights, write_speech_model


@pytest.fixture
def source(tmp_path):
    return write_speech_model(tmp_path / "source", "medium.en")


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def read_files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def pack_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pack_tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def nothing_is_there(models):
    return find_speech_models(models / "asr") == [] and not list(models.glob(".pull.*~"))


def test_a_folder_is_copied_checked_and_known(source, models):
    (source / "LICENSE").write_text("Take it.")
    (source / "README.md").write_text("About it.")
    done = import_speech(source, models)
    assert (done.name, done.licence, done.is_multilingual) == ("medium.en", "see LICENSE", False)
    assert not (done.folder / "README.md").exists()
    assert (source / "model.bin").is_file()
    room = Models(models)
    listed = {one.name: one for one in room.list_models()}["medium.en"]
    assert (listed.is_installed, listed.source) == (True, "imported from medium.en")
    assert room.verify(["medium.en"])[0].is_sound
    (done.folder / "config.json").write_text("{}")
    assert "config.json" in room.verify(["medium.en"])[0].text
    room.remove("medium.en")
    assert not done.folder.exists()


def test_links_in_a_folder_are_followed(source, models, tmp_path):
    linked = tmp_path / "snapshot"
    linked.mkdir()
    for path in source.iterdir():
        (linked / path.name).symlink_to(path)
    done = import_speech(linked, models, "mine")
    assert not (done.folder / "model.bin").is_symlink()
    assert {one.name for one in Models(models).list_models() if one.is_installed} == {"asr/mine"}
    Models(models).remove("asr/mine")
    assert nothing_is_there(models)


@pytest.mark.parametrize("inside", ["", "medium.en/", "a/b/c/"])
@pytest.mark.parametrize("end", [".zip", ".tar", ".tar.gz", ".tar.xz"])
def test_archives_are_unpacked(source, models, tmp_path, inside, end):
    content = {f"{inside}{name}": data for name, data in read_files(source).items()}
    content["elsewhere/config.json"] = b"of something else"
    path = tmp_path / f"My.Model{end}"
    packed = (
        pack_zip(path, content)
        if end == ".zip"
        else pack_tar(path, content, f"w:{end.rpartition('.')[2]}".replace("w:tar", "w"))
    )
    checksum = hashlib.sha256(packed.read_bytes()).hexdigest()
    done = import_speech(packed, models, sha256=checksum.upper())
    assert done.name == "My.Model"
    found = read_files(done.folder)
    found.pop("mediant.json")
    assert found == read_files(source)


def test_a_wrong_checksum_is_told(source, models, tmp_path):
    packed = pack_zip(tmp_path / "a.zip", read_files(source))
    with pytest.raises(ModelError, match="not the one that was given"):
        import_speech(packed, models, sha256="0" * 64)
    with pytest.raises(Invalid, match="no checksum"):
        import_speech(source, models, sha256="0" * 64)
    assert not models.exists()


def test_paths_in_an_archive_lead_nowhere(source, models, tmp_path):
    files = read_files(source)
    for place in ("../../", "/tmp/elsewhere/"):
        outside = {f"{place}{name}": data for name, data in files.items()}
        for packed in (
            pack_zip(tmp_path / "a.zip", outside),
            pack_tar(tmp_path / "a.tar.gz", outside),
        ):
            with pytest.raises(ModelError, match="outside the archive"):
                import_speech(packed, models)
    stray = {**{f"m/{name}": data for name, data in files.items()}, "../stray": b"x"}
    import_speech(pack_zip(tmp_path / "b.zip", stray), models)
    assert not list(tmp_path.rglob("stray"))


def test_links_in_an_archive_are_refused(source, models, tmp_path):
    files = read_files(source)
    files.pop("config.json")
    packed = pack_tar(tmp_path / "a.tar", files, "w")
    with tarfile.open(packed, "a") as archive:
        link = tarfile.TarInfo("config.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    zipped = pack_zip(tmp_path / "b.zip", files)
    with zipfile.ZipFile(zipped, "a") as archive:
        info = zipfile.ZipInfo("config.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    for one in (packed, zipped):
        with pytest.raises(ModelError, match="is a link"):
            import_speech(one, models)
    assert nothing_is_there(models)


def test_what_would_fill_the_disk_is_refused_unread(source, models, tmp_path):
    path = tmp_path / "bomb.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("model.bin")
        info.size = 17 << 30
        archive.addfile(info)
    with pytest.raises(ModelError, match=r"more than a model of 16\.0 GB"):
        import_speech(path, models)
    many = pack_zip(tmp_path / "many.zip", {f"{n}": b"" for n in range(10_001)})
    with pytest.raises(ModelError, match="more than a model"):
        import_speech(many, models)
    assert nothing_is_there(models)


def test_two_models_or_none_are_told(source, models, tmp_path):
    files = read_files(source)
    two = {f"{place}/{name}": data for place in "ab" for name, data in files.items()}
    with pytest.raises(ModelError, match=r"holds 2 files model\.bin"):
        import_speech(pack_zip(tmp_path / "a.zip", two), models)
    with pytest.raises(ModelError, match=r"holds 0 files model\.bin"):
        import_speech(pack_zip(tmp_path / "b.zip", {"x": b""}), models)
    files.pop("tokenizer.json")
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        import_speech(pack_zip(tmp_path / "c.zip", files), models)
    (source / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
        import_speech(source, models)
    assert nothing_is_there(models)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_archives_that_are_cut_off_are_told(source, models, tmp_path, share):
    for packed in (
        pack_zip(tmp_path / "a.zip", read_files(source)),
        pack_tar(tmp_path / "a.tar.gz", read_files(source)),
        pack_tar(tmp_path / "a.tar", read_files(source), "w"),
    ):
        content = packed.read_bytes()
        packed.write_bytes(content[: int(share * len(content))])
        with pytest.raises(ModelError) as caught:
            import_speech(packed, models)
        assert caught.value.asset
    assert nothing_is_there(models)


def test_weights_that_are_cut_off_are_told(source, models):
    whole = make_weights(pieces=51_864)
    (source / "model.bin").write_bytes(whole[:-1000])
    with pytest.raises(ModelError, match="cut off") as caught:
        import_speech(source, models)
    assert "medium.en" in str(caught.value)
    assert nothing_is_there(models)


def test_what_is_neither_folder_nor_archive(models, tmp_path):
    text = tmp_path / "a.zip"
    text.write_text("no archive")
    with pytest.raises(ModelError, match="neither a folder nor"):
        import_speech(text, models)
    with pytest.raises(ModelError, match="cannot be read"):
        import_speech(tmp_path / "gone.zip", models)


def test_names_are_those_of_folders(source, models):
    for name in ("../up", "a/b", ".hidden", "whisper-base"):
        with pytest.raises(Invalid, match="cannot have this name"):
            import_speech(source, models, name)
    import_speech(source, models)
    with pytest.raises(Refused, match="already"):
        import_speech(source, models)
    assert import_speech(source, models, "other").name == "other"
