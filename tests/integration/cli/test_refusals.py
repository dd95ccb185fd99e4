"""What cannot be is refused in one line and with the exit code of its kind."""

import subprocess
import sys

import pytest
from tests.integration.cli.shell import Shell


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
