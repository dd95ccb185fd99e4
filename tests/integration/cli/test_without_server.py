"""The command line on its own: no server runs, the command makes what it needs."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest
from tests.integration.cli.shell import Shell

from mediant.cli.lazy import COMMANDS
from mediant.testing.models import write_backbone, write_head

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
    lines = shell.well("--help").out.splitlines()
    for name, (_, sentence) in COMMANDS.items():
        assert any(line.split()[1:2] == [name] and sentence in line for line in lines), name


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


@pytest.mark.slow
def test_a_write_that_fails_is_a_failure(shell, media):
    song = media.song("song.flac", seconds=10)
    other = media.folder / "other name.flac"
    os.link(song, other)
    done = shell("tag", song, "--write")
    assert done.code == 1
    assert "not written" in done.out
    assert "tagging.break_hard_links" in done.complaint()
    assert "tagging.break_hard_links" in shell.well("show", song).out
    other.unlink()
    shell.well("tag", song, "--write")
    assert "tagging.break_hard_links" not in shell.well("show", song).out


@pytest.mark.slow
def test_a_container_without_a_place_for_tags_is_a_note(shell, media):
    song = media.song("song.wma", seconds=10)
    assert "unsupported_container" in shell.well("tag", song, "--write").err


@pytest.mark.slow
def test_our_tags_are_removed_and_come_back(shell, media):
    song = media.song("song.flac", seconds=10, title="Title")
    before = digest(song)
    shell.well("tag", song, "--write")
    written = digest(song)
    assert "mood-loose" in shell.well("tag", "remove", "--dry-run", song).out
    assert digest(song) == written
    assert "removed" in shell.well("tag", "remove", song).err
    assert "nom_mood_loose" not in mutagen.File(song)
    assert mutagen.File(song)["title"] == ["Title"]
    shell.well("tag", "undo", song)
    assert digest(song) == written
    shell.well("tag", "undo", song)
    assert digest(song) == before


@pytest.mark.slow
def test_our_tags_are_removed_below_a_folder(shell, media):
    song = media.song("sub/song.flac", seconds=10)
    other = media.song("sub/plain.flac", seconds=10)
    before = digest(song), digest(other)
    shell.well("libraries", "add", media.folder)
    shell.well("scan")
    shell.well("tag", song, "--write")
    assert shell("tag", "remove", media.folder / "gone.flac", song).code == 3
    assert digest(song) != before[0]
    assert "song.flac" in shell.well("tag", "remove", "--dry-run", media.folder / "sub").out
    told = shell.well("tag", "remove", media.folder / "sub").err
    assert f"{song}: our tags are removed" in told
    assert "without tags of ours, left alone: 1" in told
    jobs = shell.well("jobs", "--json").json()["items"]
    assert [job["kind"] for job in jobs].count("untag") == 1  # none for the file without
    assert "nom_mood_loose" not in mutagen.File(song)
    assert digest(other) == before[1]


@pytest.mark.slow
def test_show_names_the_tier_and_what_spoke_against_it(tmp_path, media):
    folder = tmp_path / "models"
    write_backbone(folder, "msd-musicnn")
    write_head(folder, "mood_happy", ["happy", "non_happy"], bias=[0.425, -0.425])
    environ = {"MEDIANT_MODELS_DIR": str(folder), "MEDIANT_JOBS__CPU_WORKERS": "1"}
    shell = Shell(tmp_path / "config", {**environ, "COLUMNS": "80"})
    song = media.song("song.flac", seconds=10)
    shell.well("tag", song)
    moods = shell.well("show", song, "--json").json()["explanation"]["moods"]
    (mood,) = moods
    assert mood["tier"] in {"regular", "loose"}
    assert mood["next_tier"]
    lines = shell.well("show", song).out.splitlines()
    assert any(line.split()[-1:] == ["counter"] for line in lines)
    misses = "; ".join(mood["next_tier"])
    assert f"next tier: {misses}" in " ".join(" ".join(lines).split())


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 160])
def test_show_fits_the_terminal_and_says_why(shell, media, width):
    song = media.song("song.flac", seconds=10)
    shell.well("tag", song)
    moods = shell.well("show", song, "--json").json()["explanation"]["moods"]
    assert moods
    narrow = Shell(shell.config_dir, {**shell.environ, "COLUMNS": str(width)})
    text = narrow.well("show", song, "--scores").out
    assert max(len(line) for line in text.splitlines()) <= width
    one_line = " ".join(text.split())
    for mood in moods:
        figures = f"{mood['word']} {mood['tier']} {mood['raw']:.4f} {mood['calibrated']:.4f}"
        assert figures in one_line
        assert mood["why"] in one_line
        assert "; ".join(mood["next_tier"]) in one_line


@pytest.mark.slow
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


def unknown_scope(shell: Shell, scope: str) -> str:
    """What a pause of a scope that there is not complains about."""
    done = shell("jobs", "pause", scope)
    assert (done.code, done.out) == (2, "")
    return done.complaint()


def test_what_makes_no_sense_is_exit_code_2(shell, media):
    assert shell("tag").code == 2
    assert shell("nonsense").code == 2
    assert shell("jobs", "show", "word").code == 2
    assert shell("jobs", "pause", "everything").code == 2
    assert "tag" in unknown_scope(shell, "kind:nope")
    assert "cpu, detect, io" in unknown_scope(shell, "lane:bogus")
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


def test_names_are_shown_and_never_obeyed(shell, media):
    for name in ("x[/b].ogg", "[red]b.ogg", "e\x1b[31mc.ogg", "two\nlines.ogg"):
        media.text(name)
    done = shell("tag", media.folder)
    assert done.code == 1
    for text in (done.out, done.err):
        assert "\x1b" not in text
    for shown in ("[red]b.ogg", r"e\x1b[31mc.ogg", r"two\nlines.ogg"):
        assert shown in done.out
    assert (media.folder / "x[/b].ogg").name in done.out
    assert len(done.err.splitlines()) == 4
    found = shell.well("show", media.folder / "[red]b.ogg").out
    rows = {name: rest for name, _, rest in (line.partition(" ") for line in found.splitlines())}
    assert rows["state"].strip() == "failed"
    assert rows["error"].strip()


def test_every_bad_path_is_told_before_anything_begins(shell, media):
    song = media.song("song.flac", seconds=10)
    gone, lost = media.folder / "gone.flac", media.folder / "lost.flac"
    for command in (["tag"], ["tag", "undo"]):
        done = shell(*command, song, gone, lost)
        assert (done.code, done.out) == (3, "")
        assert [str(gone) in done.err, str(lost) in done.err] == [True, True]
        assert len(done.err.splitlines()) == 2
    assert shell.well("jobs", "--json").json()["items"] == []


@pytest.mark.slow
def test_undo_of_a_folder_takes_back_what_was_written_below_it(shell, media):
    song, plain = media.song("song.flac", seconds=10), media.song("plain.flac", seconds=10)
    shell.well("libraries", "add", media.folder)
    before = digest(song)
    shell.well("tag", plain)
    shell.well("tag", song, "--write")
    assert "applied" in shell.well("tag", "undo", "--dry-run", media.folder).out
    done = shell.well("tag", "undo", media.folder)
    assert "byte for byte" in done.err
    assert "left alone: 1" in done.err
    assert digest(song) == before
    mixed = shell("tag", "undo", song, plain)
    assert mixed.code == 1
    assert str(song) in mixed.err
    assert str(plain) in mixed.err


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_an_argument_that_is_not_utf8_is_one_line(shell, locale):
    done = Shell(shell.config_dir, {**shell.environ, "LC_ALL": locale})("show", "a\udcff.mp3")
    assert (done.code, done.out) == (2, "")
    assert "not valid UTF-8" in done.complaint()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"port: \xff", "mediant.yaml: The file is not valid UTF-8."),
        (b"prot: 1", "setting prot: There is no such setting. Did you mean port? Remove or"),
        (b"tagging: {mode: 1}", "setting tagging.mode: There is no such setting."),
        (b"port: [", "mediant.yaml: This is not valid YAML"),
    ],
)
def test_a_wrong_settings_file_is_one_line(shell, content, told):
    shell.config_dir.mkdir()
    (shell.config_dir / "mediant.yaml").write_bytes(content)
    done = shell("jobs")
    assert (done.code, done.out) == (2, "")
    assert told in done.complaint()
    assert "mediant.yaml" in done.complaint()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIANT_ACCESS__TRUSTED_PROXIES", "[foo"),
        ("MEDIANT_ACCESS", "foo"),
        ("MEDIANT_PORT", "many"),
    ],
)
def test_a_wrong_variable_is_named(shell, environ, name, value):
    done = Shell(shell.config_dir, {**environ, name: value})("jobs")
    assert (done.code, done.out) == (2, "")
    assert f"Correct {name} in the environment." in done.complaint()


def test_a_list_is_given_between_commas(shell, environ):
    proxies = {"MEDIANT_ACCESS__TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16"}
    Shell(shell.config_dir, {**environ, **proxies}).well("jobs")


@pytest.mark.parametrize("command", [["jobs"], ["serve", "--port", "0"]])
def test_a_config_folder_that_is_a_file_is_refused(tmp_path, environ, command):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        done = Shell(folder, environ)(*command)
        assert (done.code, done.out) == (4, "")
        assert str(folder) in done.complaint()


def test_missing_media_is_told_before_anything_is_made(shell, tmp_path):
    done = shell("serve", "--port", "0", "--media", tmp_path / "none")
    assert (done.code, done.out) == (3, "")
    assert str(tmp_path / "none") in done.complaint()
    assert not shell.config_dir.exists()


def test_the_database_is_private(shell):
    shell.well("jobs")
    modes = {p.name: p.stat().st_mode & 0o777 for p in shell.config_dir.glob("mediant.db*")}
    assert modes["mediant.db"] == 0o600
    assert set(modes.values()) == {0o600}
