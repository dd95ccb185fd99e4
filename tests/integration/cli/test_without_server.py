"""The command line on its own: no server runs, the command makes what it needs."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest
from tests.integration.cli.shell import Shell

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


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option):
    command = [sys.executable, "-c", LIGHT_SCRIPT, option]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "mediant" in done.stdout
    exit_line, modules = done.stderr.splitlines()
    assert exit_line == "exit 0"
    assert set(HEAVY) & set(modules.split()) == set()


def test_help_lists_every_command(shell):
    words = shell.well("--help").out.split()
    commands = [
        "serve",
        "tag",
        "show",
        "scan",
        "libraries",
        "jobs",
        "models",
        "keys",
        "password",
        "doctor",
    ]
    assert set(commands) <= set(words)


def test_tag_write_show_undo(shell, media):
    song = media.song("song.flac", seconds=10, title="Title")
    before = digest(song)
    done = shell.well("tag", song, "--write")
    assert "song.flac" in done.out
    assert "nom_mood_loose" in mutagen.File(song)
    assert mutagen.File(song)["title"] == ["Title"]
    shown = shell.well("show", song, "--json").json()
    assert shown["state"] == "tagged"
    assert shown["tags"]["mood-loose"]
    assert [write["state"] for write in shown["writes"]] == ["applied"]
    text = shell.well("show", song, "--scores").out
    assert str(song) in text
    assert "mood_happy" in text
    assert "applied" in shell.well("tag", "undo", "--dry-run", song).out
    assert "byte for byte" in shell.well("tag", "undo", song).err
    assert digest(song) == before
    assert shell("tag", "undo", song).code == 3


def test_dry_run_leaves_the_file_even_in_a_library_that_writes(shell, media):
    song = media.song("song.mp3", seconds=10)
    before = digest(song)
    shell.well("libraries", "add", media.folder, "--write", "full")
    done = shell.well("tag", "--dry-run", song)
    assert "mood-loose" in done.out
    assert digest(song) == before
    shell.well("tag", song)
    assert digest(song) != before


def test_a_folder_with_good_and_bad_files(shell, media):
    media.song("good.ogg", seconds=10)
    bad = media.text("bad.flac")
    done = shell("tag", media.folder, "--json")
    assert done.code == 1
    results = {Path(job["payload"]["path"]).name: job for job in done.json()}
    assert results["good.ogg"]["state"] == "done"
    assert results["bad.flac"]["state"] == "failed"
    assert str(bad) in results["bad.flac"]["error"]
    table = shell("tag", media.folder, "--force")
    assert table.code == 1
    assert "good.ogg" in table.out
    assert str(bad) in table.complaint()


def test_missing_things_are_one_line_and_exit_code_3(shell, media):
    gone = media.folder / "gone.mp3"
    for command in (["tag", gone], ["show", gone], ["libraries", "remove", "9", "--yes"]):
        done = shell(*command)
        assert (done.code, done.out) == (3, "")
        assert done.complaint().startswith("mediant: ")
    assert str(gone) in shell("tag", gone).complaint()
    assert shell("jobs", "show", "99").code == 3
    assert shell("models", "remove", "nothing").code == 3


def test_what_makes_no_sense_is_exit_code_2(shell, media):
    assert shell("tag").code == 2
    assert shell("nonsense").code == 2
    assert shell("jobs", "show", "word").code == 2
    assert shell("jobs", "pause", "everything").code == 2
    assert shell("libraries", "maps", "add", "relative", str(media.folder)).code == 2


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MEDIANT_PORT", "many", "setting port: "),
        ("MEDIANT_TAGGING__WRITE_MODE", "all", "setting tagging.write_mode: "),
    ],
)
def test_a_wrong_setting_is_one_line(shell, environ, name, value, told):
    done = Shell(shell.config_dir, {**environ, name: value})("jobs")
    assert (done.code, done.out) == (2, "")
    assert told in done.complaint()


def test_a_newer_database_is_refused(shell):
    shell.well("jobs")
    script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]);"
    script += "db.execute(\"UPDATE mediant_schema SET version_num = '9999'\"); db.commit()"
    done = subprocess.run(
        [sys.executable, "-c", script, str(shell.config_dir / "mediant.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refused = shell("jobs")
    assert (refused.code, refused.out) == (4, "")
    assert refused.complaint().startswith("mediant: ")


def test_scan_and_libraries(shell, media):
    media.song("a.mp3", seconds=10)
    shell.well("libraries", "add", media.folder, "--name", "Mine", "--watch", "poll")
    (entry,) = shell.well("libraries", "--json").json()
    assert (entry["name"], entry["watch_mode"], entry["write_mode"]) == ("Mine", "poll", "none")
    assert shell("libraries", "add", media.folder / "none").code == 2
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
