"""Preset, settings, installed models and device make a choice."""

import subprocess
import sys
from pathlib import Path

import pytest

from mediant.errors import ModelError
from mediant.models.speech_names import plain_name
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.speech.choose import Need, choose_engine, count_cores, parse_device
from mediant.subtitles.speech.model_names import strength
from mediant.testing.speech_models import write_speech_model

CPU = {"int8", "int8_float32", "float32"}
GPU = {"float16", "int8_float16", "int8", "float32"}


def can(device, index):
    """A machine with two good GPUs."""
    return GPU if device == "cuda" else CPU


@pytest.fixture
def models(tmp_path):
    """A models folder, and how to put models into it."""

    def install(*names):
        for name in names:
            write_speech_model(tmp_path / "asr", name)
        return tmp_path

    return install


def choose(models, *, preset="balanced", task="transcribe", language=None, device=None, **wishes):
    settings = SubtitlesSettings(**wishes)
    need = Need(preset, task, language)
    return choose_engine(need, settings, models, device=device, supported=can)


ALL = ("tiny", "base", "small", "medium", "large-v3", "large-v3-turbo", "small.en")


@pytest.mark.parametrize(
    ("preset", "task", "device", "model"),
    [
        ("fast", "transcribe", "cpu", "small"),
        ("balanced", "transcribe", "cpu", "medium"),
        ("best", "transcribe", "cpu", "large-v3"),
        ("fast", "transcribe", "cuda", "large-v3-turbo"),
        ("balanced", "transcribe", "cuda", "large-v3-turbo"),
        ("best", "transcribe", "cuda", "large-v3"),
        ("fast", "translate", "cuda", "small"),
        ("balanced", "translate", "cuda", "medium"),
        ("best", "translate", "cpu", "large-v3"),
    ],
)
def test_each_preset_has_its_model(models, preset, task, device, model):
    choice = choose(models(*ALL), preset=preset, task=task, device=device)
    assert choice.model == model
    assert choice.wanted == ""
    assert Path(choice.folder).name == model


def test_the_model_of_the_setting_is_taken_by_any_spelling(models):
    folder = models("faster-whisper-base", "small")
    assert choose(folder, whisper_model="base").model == "faster-whisper-base"
    assert choose(folder, whisper_model="base", device="cuda").model == "faster-whisper-base"


def test_a_folder_can_be_named_itself(models, tmp_path):
    own = write_speech_model(tmp_path / "elsewhere", "mine")
    choice = choose(models("base"), whisper_model=str(own))
    assert (choice.model, choice.folder, choice.wanted) == ("mine", str(own), "")
    (own / "config.json").unlink()
    with pytest.raises(ModelError, match=r"lacks config\.json"):
        choose(models("base"), whisper_model=str(own))


def test_models_may_lie_in_another_folder(models, tmp_path):
    write_speech_model(tmp_path / "other", "medium")
    choice = choose(models("base"), model_path=str(tmp_path / "other"))
    assert choice.folder == str(tmp_path / "other" / "medium")
    write_speech_model(tmp_path / "both" / "asr", "medium")
    choice = choose(models("base"), model_path=str(tmp_path / "both"))
    assert choice.folder == str(tmp_path / "both" / "asr" / "medium")


@pytest.mark.parametrize(
    ("installed", "preset", "model"),
    [
        (("tiny", "base"), "balanced", "base"),
        (("base", "large-v3"), "fast", "base"),
        (("large-v3",), "fast", "large-v3"),
        (("medium", "large-v3-turbo"), "best", "large-v3-turbo"),
    ],
)
def test_the_next_best_takes_the_place_of_a_missing_one(models, installed, preset, model):
    choice = choose(models(*installed), preset=preset)
    assert choice.model == model
    assert choice.wanted in {"small", "medium", "large-v3"}


def test_turbo_and_distilled_models_never_translate(models):
    folder = models("large-v3-turbo", "distil-large-v3", "base.en")
    with pytest.raises(ModelError, match="can translate into English") as caught:
        choose(folder, task="translate", device="cuda")
    assert "mediant models pull whisper-base" in str(caught.value)
    assert choose(models("base"), task="translate", device="cuda").model == "base"


def test_a_turbo_of_another_name_is_known_by_its_layers(models, tmp_path):
    folder = write_speech_model(tmp_path / "asr", "quick", layers=4)
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(1_600_000_000)
    with pytest.raises(ModelError, match="can translate"):
        choose(tmp_path, task="translate")


def test_english_only_models_hear_english_only(models):
    folder = models("small.en")
    assert choose(folder, preset="fast", language="en").model == "small.en"
    for language in ("es", None):
        with pytest.raises(ModelError, match="can hear this language"):
            choose(folder, preset="fast", language=language)
    both = models("base", "base.en")
    assert choose(both, whisper_model="tiny", language="en").model == "base.en"
    assert choose(both, whisper_model="tiny", language="es").model == "base"


def test_without_any_model_the_error_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="No speech model") as caught:
        choose(tmp_path)
    assert caught.value.remedy == (
        "Run: mediant models pull medium (or, quickly there: mediant models pull whisper-base)"
    )


@pytest.mark.parametrize(
    ("wishes", "pulled"),
    [
        ({"whisper_model": "base"}, "whisper-base"),
        ({"whisper_model": "somebody/my-whisper"}, "somebody/my-whisper"),
        ({"whisper_model": "my own"}, "whisper-base"),
        ({"preset": "best"}, "large-v3"),
        ({"preset": "fast", "device": "cuda"}, "large-v3-turbo"),
    ],
)
def test_the_model_that_is_missing_is_the_one_to_pull(tmp_path, wishes, pulled):
    with pytest.raises(ModelError) as caught:
        choose(tmp_path, **wishes)
    assert (caught.value.remedy or "").startswith(f"Run: mediant models pull {pulled}")


def test_a_pull_does_not_help_where_another_folder_is_looked_into(tmp_path):
    with pytest.raises(ModelError, match="No speech model") as caught:
        choose(tmp_path, model_path=str(tmp_path / "other"))
    assert "set model_path to ./models" in (caught.value.remedy or "")


def test_what_cannot_translate_is_not_named_as_the_remedy(models):
    with pytest.raises(ModelError) as caught:
        choose(models("base.en"), task="translate", whisper_model="large-v3-turbo", language="es")
    assert caught.value.remedy == "Run: mediant models pull whisper-base"


def test_a_repository_of_a_hub_can_be_the_setting(models):
    folder = models("somebody--my-whisper", "medium")
    choice = choose(folder, whisper_model="somebody/my-whisper")
    assert (choice.model, choice.wanted) == ("somebody--my-whisper", "")
    assert choose(folder, whisper_model="Systran/faster-whisper-medium").model == "medium"
    absent = choose(folder, whisper_model="somebody/else")
    assert absent.wanted == "somebody/else"


def test_damaged_folders_are_not_chosen(models, tmp_path):
    folder = models("base", "medium")
    (folder / "asr" / "medium" / "model.bin").write_bytes(b"nonsense, but long enough")
    assert choose(folder).model == "base"


@pytest.mark.parametrize(
    ("device", "wishes", "expected"),
    [
        ("cpu", {}, ("cpu", 0, "int8")),
        ("cpu", {"cpu_compute_type": "float32"}, ("cpu", 0, "float32")),
        ("cuda:1", {}, ("cuda", 1, "float16")),
        ("cuda:0", {"gpu_compute_type": "int8"}, ("cuda", 0, "int8")),
        (None, {"transcribe_device": "gpu"}, ("cuda", 0, "float16")),
        (None, {}, ("cpu", 0, "int8")),
    ],
)
def test_device_and_arithmetic(models, device, wishes, expected):
    choice = choose(models("base"), device=device, **wishes)
    assert (choice.device, choice.device_index, choice.compute_type) == expected


def test_what_the_device_cannot_do_is_replaced_by_what_it_can(models):
    settings = SubtitlesSettings(gpu_compute_type="float16")
    need = Need()
    old = choose_engine(
        need, settings, models("base"), device="cuda", supported=lambda *_: {"float32", "int8"}
    )
    assert old.compute_type == "int8"


def test_devices_are_parsed_as_ctranslate2_takes_them():
    assert parse_device("cuda:2") == ("cuda", 2)
    assert parse_device("gpu") == ("cuda", 0)
    assert parse_device("cpu") == ("cpu", 0)


def test_no_more_threads_than_cores(models):
    assert choose(models("base"), whisper_threads=1).threads == 1
    assert choose(models("base"), whisper_threads=1024).threads == count_cores()


def test_a_server_takes_the_place_of_all_models(tmp_path):
    choice = choose(tmp_path, openai_url="http://asr:8000", openai_model="large")
    assert (choice.device, choice.model, choice.folder) == ("remote", "large", "http://asr:8000")
    assert choice.place == "remote"


def test_keys_tell_loaded_models_apart(models):
    folder = models(*ALL)
    keys = {
        choose(folder, preset=preset, device=device).key
        for preset in ("fast", "best")
        for device in ("cpu", "cuda:0", "cuda:1")
    }
    assert len(keys) == 6


def test_names_of_all_converters_meet():
    for name in ("Systran/faster-whisper-large-v3", "whisper-large-v3", "large"):
        assert plain_name(name) == "large-v3"
    assert plain_name("faster-distil-whisper-large-v3") == "distil-large-v3"
    assert plain_name("turbo") == plain_name("faster-whisper-large-v3-turbo")
    order = ["tiny", "base", "small", "medium", "large-v3-turbo", "large-v3"]
    assert sorted(order, key=strength) == order
    assert strength("nonsense", 3_000_000_000) > strength("nonsense", 145_000_000)


def test_choosing_imports_nothing_heavy():
    code = (
        "import sys, mediant.subtitles.speech.choose, mediant.subtitles.speech.engine;"
        "heavy = ('numpy', 'ctranslate2', 'faster_whisper', 'onnxruntime', 'httpx2');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
