"""The command line on its own: no server runs, the command makes what it needs."""

import json
import shutil
import subprocess
import sys

import pytest
from tests.integration.cli.shell import Shell

from mediant.cli.lazy import COMMANDS

HEAVY = ("sqlalchemy", "fastapi", "numpy", "pydantic", "httpx2", "alembic", "uvicorn", "av")
LIGHT_SCRIPT = """
import sys
from mediant.cli.main import run
sys.argv = ["mediant", *sys.argv[1:]]
try:
    run()
except SystemExit as end:
    print("exit", end.code, file=sys.stderr)
print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option):
    command = [sys.executable, "-c", LIGHT_SCRIPT, option]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "mediant" in done.stdout
    exit_line, modules = done.stderr.splitlines()
    assert exit_line == "exit 0"
    assert set(HEAVY) & set(modules.split()) == set()


def test_help_lists_every_command(shell):
    lines = shell.well("--help").out.splitlines()
    for name, (_, sentence) in COMMANDS.items():
        assert any(line.split()[1:2] == [name] and sentence in line for line in lines), name


@pytest.mark.slow
def test_scan_and_libraries(shell, media):
    media.song("a.mp3", seconds=10)
    shell.well("libraries", "add", media.folder, "--name", "Mine", "--watch", "poll")
    (entry,) = shell.well("libraries", "--json").json()
    assert (entry["name"], entry["watch_mode"], entry["write_mode"]) == ("Mine", "poll", "none")
    assert shell("libraries", "add", media.folder / "none").code == 3
    (scan,) = shell.well("scan", "--json").json()
    assert (scan["state"], scan["result"]["seen"]) == ("done", 1)
    assert "Mine" in shell.well("scan", "Mine").out
    shell.well("libraries", "change", "Mine", "--name", "Ours", "--write", "minimal")
    (entry,) = shell.well("libraries", "--json").json()
    assert (entry["name"], entry["write_mode"]) == ("Ours", "minimal")
    shell.well("libraries", "maps", "add", "/theirs", media.folder)
    (pair,) = shell.well("libraries", "maps", "--json").json()
    assert (pair["theirs"], pair["ours"]) == ("/theirs", str(media.folder))
    assert "/theirs" in shell.well("libraries", "maps").out
    shell.well("libraries", "maps", "remove", pair["id"])
    assert shell.well("libraries", "maps", "--json").json() == []
    shell.well("libraries", "remove", "Ours", "--yes")
    assert shell.well("libraries", "--json").json() == []
    assert (media.folder / "a.mp3").exists()


@pytest.mark.slow
def test_models(shell, environ):
    found = {one["name"]: one for one in shell.well("models", "list", "--json").json()}
    assert {"msd-musicnn", "mtt-musicnn"} <= set(found)
    assert all({"about", "licence", "source", "size_bytes"} <= set(one) for one in found.values())
    verified = shell.well("models", "verify", "--json").json()
    assert verified
    assert all(one["is_sound"] for one in verified)
    broken = shell.config_dir / "broken"
    shutil.copytree(environ["MEDIANT_MODELS_DIR"], broken)
    head = next(broken.rglob("mood_happy*.onnx"))
    head.write_bytes(head.read_bytes()[:-100])
    done = Shell(shell.config_dir, {**environ, "MEDIANT_MODELS_DIR": str(broken)})(
        "models", "verify"
    )
    assert done.code == 1
    assert "mood_happy" in done.out


def test_doctor(shell):
    done = shell("doctor", "--json")
    found = json.loads(done.out)
    worst = {one["level"] for one in found["findings"]}
    assert done.code == (1 if "error" in worst else 0)
    assert found["info"]["version"]
    assert shell("doctor", "--all").out


def test_quiet_says_only_what_went_wrong(shell, media):
    assert shell.well("-q", "libraries", "add", media.folder).err == ""
    assert shell("-q", "jobs", "show", "7").complaint()


def test_the_folder_is_private(shell):
    shell.well("jobs")
    assert shell.config_dir.stat().st_mode & 0o077 == 0


def test_a_list_is_given_between_commas(shell, environ):
    proxies = {"MEDIANT_ACCESS__TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16"}
    Shell(shell.config_dir, {**environ, **proxies}).well("jobs")


def test_the_database_is_private(shell):
    shell.well("jobs")
    modes = {p.name: p.stat().st_mode & 0o777 for p in shell.config_dir.glob("mediant.db*")}
    assert modes["mediant.db"] == 0o600
    assert set(modes.values()) == {0o600}
