"""Pulls from a hub as people ask for them: commands, the server's jobs, and what kills them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.models import Models
from mediant.models.speech_names import HUB_MODELS
from mediant.subtitles.speech.engine import EngineChoice, SpeechWish
from mediant.testing.hub import COMMIT, FakeHub, Repository, running_hub
from mediant.testing.server import running_server
from mediant.testing.speech import join, read_english, word_error_rate
from mediant.testing.speech_models import make_weights, write_speech_model
from mediant.testing.waiting import PATIENCE_S
from mediant.testing.wishes import wait_for

ROOT = Path(__file__).resolve().parents[3]
SMALL = HUB_MODELS["small"]
TINY = "Systran/faster-whisper-tiny.en"

_ON_A_SMALL_DISK = """
import resource, sys
from pathlib import Path
from mediant.models import Models
resource.setrlimit(resource.RLIMIT_FSIZE, (12 << 20, 12 << 20))
Models(Path(sys.argv[1])).pull(["small"])
"""

_WITHOUT_CLIENT = """
import sys
sys.modules["huggingface_hub"] = None  # as an interpreter sees what is not installed
from pathlib import Path
from mediant.models import Models
Models(Path(sys.argv[1])).pull(["small"])
"""


@pytest.fixture
def hub(tmp_path):
    """A hub with one model of 26 MB."""
    folder = write_speech_model(tmp_path / "upstream", "small")
    (folder / "model.bin").write_bytes(make_weights(states=500))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    with running_hub(FakeHub({SMALL: Repository(files)})) as hub:
        yield hub


@pytest.fixture
def environ(hub, tmp_path):
    """Where the hub is; the client has a home of its own."""
    return {
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(tmp_path / "hf"),
        # A download that is held is not taken for one that broke off.
        "HF_HUB_DOWNLOAD_TIMEOUT": "300",
        "MEDIANT_MODELS_DIR": str(tmp_path / "models"),
    }


@pytest.fixture
def shell(environ, tmp_path):
    return Shell(tmp_path / "config", environ)


@pytest.mark.slow
def test_a_command_pulls_lists_verifies_and_removes(shell, hub, tmp_path):
    done = shell.well("models", "pull", "faster-whisper-small")
    assert f"fetching {SMALL} {COMMIT[:12]}" in done.err
    assert "Installed: small." in done.err
    asked = len(hub.asked)
    assert "already" in shell.well("models", "pull", SMALL).err
    assert len(hub.asked) == asked
    (found,) = [
        one for one in shell.well("models", "list", "--json").json() if one["name"] == "small"
    ]
    assert (found["is_installed"], found["version"]) == (True, COMMIT)
    shell.well("models", "verify", "small")
    shell.well("models", "remove", "small")
    assert not (tmp_path / "models" / "asr" / "small").exists()


def test_commands_say_what_is_wrong_in_one_line(shell, environ, tmp_path):
    unknown = shell("models", "pull", "nobody/nothing")
    assert unknown.code != 0
    assert "mediant: nobody/nothing: The hub at http://127" in unknown.err.splitlines()[-1]
    offline = Shell(tmp_path / "config", {**environ, "HF_HUB_OFFLINE": "1"})(
        "models", "pull", "small"
    )
    assert offline.code != 0
    assert "HF_HUB_OFFLINE" in offline.err.splitlines()[-1]
    nonsense = shell("models", "pull", "nonsense")
    assert "owner/repository" in nonsense.complaint()


def test_a_token_opens_what_is_gated_and_goes_to_the_hub_only(hub, environ, tmp_path):
    hub.repositories[SMALL] = Repository(hub.repositories[SMALL].files, is_gated=True)
    refused = Shell(tmp_path / "config", environ)("models", "pull", "small")
    assert "HF_TOKEN" in refused.err
    Shell(tmp_path / "config", {**environ, "HF_TOKEN": hub.token}).well("models", "pull", "small")
    assert Models(tmp_path / "models").verify(["small"])[0].is_sound


def test_a_model_is_imported_by_the_same_command_as_a_translation(shell, tmp_path):
    source = write_speech_model(tmp_path / "source", "medium")
    done = shell.well("models", "import", source, "--name", "mine")
    assert "hears many languages, translates into English" in done.err
    assert (tmp_path / "models" / "asr" / "mine" / "mediant.json").is_file()
    again = shell("models", "import", source, "--name", "mine")
    assert "already" in again.complaint()


def test_a_killed_pull_leaves_nothing_that_is_taken_for_a_model(shell, hub, tmp_path):
    hub.moods.hold_after = 20 << 20
    killed = shell.start("models", "pull", "small")
    assert hub.moods.held.wait(PATIENCE_S)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=PATIENCE_S)
    hub.moods.go.set()
    models = tmp_path / "models"
    assert len(list(models.glob(".pull.*~"))) == 1
    assert Models(models).speech_models() == []
    shell.well("models", "pull", "small")
    assert Models(models).verify(["small"])[0].is_sound
    assert not list(models.glob(".pull.*~"))


def test_without_the_clients_package_the_error_says_what_to_install(tmp_path):
    command = [sys.executable, "-c", _WITHOUT_CLIENT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "pip install 'mediant[speech]'" in done.stderr
    assert not (tmp_path / "asr").exists()


def test_a_disk_that_takes_no_more_is_told_and_nothing_stays(environ, tmp_path):
    command = [sys.executable, "-c", _ON_A_SMALL_DISK, str(tmp_path / "models")]
    env = {**os.environ, **environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert "cannot be written: File too large" in done.stderr.splitlines()[-1]
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".pull.lock"]


@pytest.mark.slow
def test_a_server_pulls_as_a_job_that_can_be_cancelled(hub, environ, tmp_path):
    hub.moods.hold_after = 20 << 20
    wish = {"names": ["small"]}
    models = tmp_path / "models"
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        first = client.post("/api/v2/models/pull", json=wish).json()
        assert hub.moods.held.wait(PATIENCE_S)
        client.post(f"/api/v2/jobs/{first['job_id']}/cancel").raise_for_status()
        assert wait_for(client, first)["state"] == "cancelled"
        assert Models(models).speech_models() == []
        hub.moods.hold_after = None
        hub.moods.go.set()
        done = wait_for(client, client.post("/api/v2/models/pull", json=wish).json())
        assert (done["state"], done["result"]) == ("done", {"installed": ["small"]})
        listed = client.get("/api/v2/models").json()["items"]
        assert {one["name"]: one["is_installed"] for one in listed}["small"]
        wish = {"names": ["nobody/nothing"]}
        failed = wait_for(client, client.post("/api/v2/models/pull", json=wish).json())
        assert failed["state"] == "failed"
        assert "no such repository" in failed["error"]
        client.delete("/api/v2/models/small").raise_for_status()
        assert not (models / "asr" / "small").exists()
    assert not list(models.glob(".pull.*~"))


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.corpus
def test_a_real_model_from_a_hub_hears(tmp_path, environ, hub):
    pulled = ROOT / ".cache" / "models" / "asr" / "whisper-tiny.en"
    clips = ROOT / "corpora" / "speech"
    if not pulled.is_dir() or not (clips / ".complete").is_file():
        pytest.skip("run make corpora and mediant --config-dir .cache models pull --speech")
    names = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
    hub.repositories[TINY] = Repository({name: (pulled / name).read_bytes() for name in names})
    Shell(tmp_path / "config", environ).well("models", "pull", TINY)
    from mediant.subtitles.speech.whisper import WhisperEngine  # noqa: PLC0415 (an extra)

    folder = tmp_path / "models" / "asr" / TINY.replace("/", "--")
    engine = WhisperEngine(EngineChoice(TINY, str(folder), threads=2))
    sound, text = join(read_english(clips))
    heard = engine.transcribe(sound, SpeechWish(language="en"), lambda _: None)
    engine.close()
    said = " ".join(segment.text for segment in heard.segments)
    assert word_error_rate(text, said, "en") <= 0.1
