"""Pulls from a hub: the hub's own client against a hub on this machine."""

import json
import shutil
import threading
from types import SimpleNamespace

import pytest

from mediant.errors import Cancelled, ModelError, NotFound, Refused
from mediant.models import Models, PullStep
from mediant.models.hub_recipe import HubRecipe
from mediant.models.install import install
from mediant.models.recipes import find_name, get_recipe
from mediant.models.speech_names import HUB_MODELS, HubModel, find_hub_model, is_repository
from mediant.models.step import Transfer
from mediant.testing.answering import Answer, answering, nobody
from mediant.testing.hub import COMMIT, FakeHub, Repository, running_hub
from mediant.testing.speech_models import make_weights, write_speech_model

SMALL = HUB_MODELS["small"]


@pytest.fixture
def files(tmp_path):
    """Those of one model, and one that no model needs."""
    folder = write_speech_model(tmp_path / "upstream", "small")
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {**found, "README.md": b"About it."}


@pytest.fixture
def hub(files):
    with running_hub(FakeHub({SMALL: Repository(files)})) as hub:
        yield hub


def pull(hub, models, name="small", report=None):
    """Install by a name; what was told."""
    steps: list[PullStep] = []
    model = find_hub_model(name)
    assert model is not None
    install([HubRecipe(model, hub.address)], models, report or steps.append)
    return [step.text for step in steps if not isinstance(step, Transfer)]


def leftovers(models):
    return list(models.glob(".pull.*~"))


def test_a_name_is_fetched_checked_and_noted(hub, files, tmp_path):
    models = tmp_path / "models"
    told = pull(hub, models)
    assert told[0] == "asking the hub"
    assert told[1].startswith(f"fetching {SMALL} {COMMIT[:12]}: ")
    assert told[1].endswith("licence mit")
    assert told[-1] == "installed, licence mit"
    folder = models / "asr" / "small"
    assert {path.name for path in folder.iterdir()} == {*files, "mediant.json"} - {"README.md"}
    assert (folder / "model.bin").read_bytes() == files["model.bin"]
    note = json.loads((folder / "mediant.json").read_bytes())
    assert (note["revision"], note["source"]) == (COMMIT, f"{SMALL} {COMMIT}")
    listed = {one.name: one for one in Models(models).list_models()}["small"]
    assert (listed.is_installed, listed.is_pullable, listed.version) == (True, True, COMMIT)
    assert (listed.licence, listed.path) == ("mit", folder)
    assert Models(models).verify(["faster-whisper-small"])[0].is_sound
    asked = len(hub.asked)
    assert pull(hub, models) == []
    assert len(hub.asked) == asked
    assert leftovers(models) == []


def test_nothing_but_the_models_files_is_asked_for(hub, tmp_path):
    pull(hub, tmp_path)
    paths = {path for _, path, _ in hub.asked}
    assert f"api/models/{SMALL}" in paths
    assert all(path.startswith(("api/models/", f"{SMALL}/resolve/", "large/")) for path in paths)
    assert not any("README" in path for path in paths)


def test_a_repository_of_anybody_has_a_folder_of_its_own(hub, files, tmp_path):
    hub.repositories["some-body/my.whisper_ct2"] = Repository(files, licence=None)
    told = pull(hub, tmp_path, "some-body/my.whisper_ct2")
    assert "the hub tells no licence" in told[1]
    assert (tmp_path / "asr" / "some-body--my.whisper_ct2" / "model.bin").is_file()
    models = Models(tmp_path)
    listed = {one.name: one for one in models.list_models()}["some-body/my.whisper_ct2"]
    assert listed.is_installed
    models.remove("some-body/my.whisper_ct2")
    assert not (tmp_path / "asr" / "some-body--my.whisper_ct2").exists()
    with pytest.raises(NotFound):
        models.remove("small")


def test_damage_is_found_and_mended(hub, files, tmp_path):
    pull(hub, tmp_path)
    weights = tmp_path / "asr" / "small" / "model.bin"
    weights.write_bytes(files["model.bin"][:-1] + b"x")
    finding = Models(tmp_path).verify(["small"])[0]
    assert (finding.text, finding.is_pullable) == (
        "model.bin is not the one that was installed.",
        True,
    )
    assert pull(hub, tmp_path)[-1] == "installed, licence mit"
    assert weights.read_bytes() == files["model.bin"]
    weights.write_bytes(b"cut off")
    listed = {one.name: one for one in Models(tmp_path).list_models()}["small"]
    assert not listed.is_installed
    assert listed.refused_reason


def test_a_revision_is_kept_to(hub, files, tmp_path):
    pull(hub, tmp_path)
    other = "f" * 40
    hub.repositories[SMALL] = Repository({**files, "config.json": b'{"other": 1}'}, other)
    assert pull(hub, tmp_path) == []
    assert pull(hub, tmp_path, f"small@{other}")[-1] == "installed, licence mit"
    assert json.loads((tmp_path / "asr" / "small" / "config.json").read_bytes()) == {"other": 1}
    assert pull(hub, tmp_path, f"small@{other}") == []
    assert pull(hub, tmp_path, f"small@{other[:8]}") == []
    with pytest.raises(NotFound, match="no such revision"):
        pull(hub, tmp_path, f"small@{COMMIT}")
    assert (tmp_path / "asr" / "small" / "model.bin").is_file()


def test_a_broken_connection_is_taken_up_where_it_broke(hub, files, tmp_path):
    weights = make_weights(states=500)
    hub.repositories[SMALL] = Repository({**files, "model.bin": weights})
    hub.moods.cut_after = 12 << 20
    pull(hub, tmp_path)
    assert (tmp_path / "asr" / "small" / "model.bin").read_bytes() == weights
    ranges = [asked for method, _, asked in hub.asked if method == "GET" and asked]
    assert ranges == [f"bytes={10 << 20}-"]


def test_what_comes_damaged_is_never_installed(hub, tmp_path):
    hub.moods.damaged = True
    with pytest.raises(ModelError, match="is not what the hub announced"):
        pull(hub, tmp_path)
    assert not (tmp_path / "asr").exists()
    assert leftovers(tmp_path) == []


def test_progress_tells_rate_and_time_left_and_can_end_it(hub, files, tmp_path):
    hub.repositories[SMALL] = Repository({**files, "model.bin": make_weights(states=500)})
    hub.moods.hold_after = 24 << 20
    transfers: list[Transfer] = []

    def listen(step):
        if isinstance(step, Transfer):
            transfers.append(step)
            raise Cancelled

    def release():
        hub.moods.held.wait()
        threading.Event().wait(1.2)  # the meter speaks once a second
        hub.moods.go.set()

    thread = threading.Thread(target=release)
    thread.start()
    with pytest.raises(Cancelled):
        pull(hub, tmp_path, report=listen)
    hub.moods.held.set()  # the meter may have spoken before so much had come
    thread.join()
    (told,) = transfers
    assert 0 < told.done_bytes <= told.total_bytes
    assert told.rate_per_s > 0
    assert told.left_s is not None
    assert "/s" in told.text
    assert not (tmp_path / "asr").exists()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        ("model.bin", r"lacks model\.bin"),
        ("tokenizer.json", r"lacks tokenizer\.json"),
        ("vocabulary.txt", r"lacks vocabulary\.txt"),
    ],
)
def test_what_is_no_whisper_is_told_before_anything_is_fetched(
    hub, files, tmp_path, left_out, reason
):
    hub.repositories[SMALL] = Repository({n: c for n, c in files.items() if n != left_out})
    with pytest.raises(ModelError, match=reason) as caught:
        pull(hub, tmp_path)
    assert caught.value.asset == SMALL
    assert caught.value.remedy
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (make_weights()[:-500], "cut off"),
        (b"\6\0\0\0\x10\0TransformerSpec\0" + bytes(20_000), "no Whisper"),
        (make_weights(bands=128), r"lacks preprocessor_config\.json"),
        (b"\6\0\0\0\x0c\0WhisperSpec\0" + bytes(20_000), "lacks parts"),
    ],
)
def test_weights_that_are_no_whole_whisper_are_refused(hub, files, tmp_path, weights, reason):
    hub.repositories[SMALL] = Repository({**files, "model.bin": weights})
    with pytest.raises(ModelError, match=reason):
        pull(hub, tmp_path)
    assert not (tmp_path / "asr").exists()


def test_an_encoder_of_more_bands_comes_with_what_it_hears(hub, tmp_path):
    folder = write_speech_model(tmp_path / "up", "large-v3", bands=128)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.repositories[HUB_MODELS["large-v3"]] = Repository(files)
    pull(hub, tmp_path, "large")
    assert Models(tmp_path).verify(["large-v3"])[0].is_sound
    files["preprocessor_config.json"] = b'{"feature_size": 80}'
    hub.repositories["a/b"] = Repository(files)
    with pytest.raises(ModelError, match="wants 128 bands"):
        pull(hub, tmp_path, "a/b")


def test_unknown_private_and_gated_repositories(hub, files, tmp_path):
    with pytest.raises(NotFound, match="no such repository") as unknown:
        pull(hub, tmp_path, "nobody/nothing")
    assert "HF_TOKEN" in (unknown.value.remedy or "")
    hub.repositories["some/gated"] = Repository(files, is_gated=True)
    with pytest.raises(ModelError, match="accepted its terms") as gated:
        pull(hub, tmp_path, "some/gated")
    assert gated.value.asset == "some/gated"


def test_a_hub_that_is_not_there(tmp_path):
    with nobody() as address, pytest.raises(ModelError, match="cannot be reached") as caught:
        pull(SimpleNamespace(address=address), tmp_path)
    assert caught.value.asset == SMALL
    assert address in caught.value.text
    assert "models import" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(200, b"<html>Log in</html>", "text/html"), "is no hub"),
        (Answer(200, b"[]"), "is no hub"),
        (Answer(200, b'{"id": "a/b"}'), "is no hub: it names no commit"),
        (Answer(503, b"busy", "text/plain"), "answered 503"),
    ],
)
def test_what_answers_otherwise_is_told(tmp_path, answer, reason):
    with (
        answering(lambda _: answer) as address,
        pytest.raises(ModelError, match=reason) as caught,
    ):
        pull(SimpleNamespace(address=address), tmp_path)
    assert caught.value.asset == SMALL
    assert caught.value.remedy


def test_names_that_a_hub_does_not_allow(hub, tmp_path):
    with pytest.raises(NotFound, match="can have this name"):
        pull(hub, tmp_path, "a/b.")


def test_a_disk_without_room_is_told_before_the_download(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ModelError, match="only 1000 B are free"):
        pull(hub, tmp_path)
    assert len(hub.asked) == 1


def test_a_folder_of_the_users_is_not_replaced(hub, tmp_path):
    own = write_speech_model(tmp_path / "asr", "small")
    before = {path: path.stat().st_mtime_ns for path in own.iterdir()}
    with pytest.raises(Refused, match="did not make"):
        pull(hub, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in own.iterdir()} == before
    assert hub.asked == []


def test_names_have_one_meaning():
    for name in ("medium", "faster-whisper-medium", "whisper-medium", HUB_MODELS["medium"]):
        assert find_hub_model(name) == HubModel("medium", HUB_MODELS["medium"])
    assert find_hub_model("turbo") == find_hub_model("large-v3-turbo")
    assert find_hub_model("a/b@v1.0") == HubModel("a/b", "a/b", "v1.0")
    for name in ("nonsense", "a/b/c", "a/..", "../a", "asr/medium", "a--b/c", "a/b@x y", ""):
        assert find_hub_model(name) is None, name
    assert not is_repository("/srv/models/base")


def test_what_is_pinned_comes_from_the_package_index():
    for name in ("base", "whisper-base", "faster-whisper-base"):
        assert get_recipe(name).name == "whisper-base"
    assert get_recipe("tiny.en").name == "whisper-tiny.en"
    assert get_recipe("Systran/faster-whisper-base").name == "Systran/faster-whisper-base"
    assert find_name("msd-musicnn") == "msd-musicnn"
    with pytest.raises(NotFound) as caught:
        get_recipe("nonsense")
    assert "large-v3-turbo" in (caught.value.remedy or "")
    assert "owner/repository" in (caught.value.remedy or "")


def test_every_name_of_faster_whisper_can_be_pulled():
    utils = pytest.importorskip("faster_whisper.utils")
    for name in utils.available_models():
        recipe = get_recipe(name)
        if isinstance(recipe, HubRecipe):
            assert recipe.model.repository == utils._MODELS[name]
