"""`mediant settings`, and what is said of values and names that make no sense."""

import socket

import pytest
from tests.integration.cli.conftest import Served
from tests.integration.cli.shell import Shell

from mediant.testing.media import MediaFactory


def entry(shell: Shell, name: str) -> dict[str, object]:
    found: dict[str, object] = shell.well("settings", "show", name, "--json").json()
    return found


@pytest.mark.slow
def test_each_value_tells_where_it_comes_from(shell: Shell) -> None:
    shell.config_dir.mkdir(exist_ok=True)
    (shell.config_dir / "mediant.yaml").write_text("tagging:\n  preset: fast\n")
    shell.well("settings", "set", "tagging.write_mode", "minimal")
    sources = {
        "tagging.preset": ("fast", "file", None),
        "tagging.write_mode": ("minimal", "stored", None),
        "jobs.cpu_workers": (1, "environment", "MEDIANT_JOBS__CPU_WORKERS"),
        "config_dir": (str(shell.config_dir), "command line", None),
        "port": (8356, "default", None),
    }
    listed = {one["name"]: one for one in shell.well("settings", "list", "--json").json()}
    for name, expected in sources.items():
        one = listed[name]
        assert (one["value"], one["source"], one["set_by"]) == expected, name
    changed = shell.well("settings", "list", "--changed").out
    assert "tagging.preset" in changed
    assert "tagging.namespace" not in changed
    assert listed["tagging.write_mode"]["is_live"] is False
    assert listed["subtitles.whisper_model"]["is_live"] is True
    assert all(one["description"] for one in listed.values())


@pytest.mark.slow
def test_values_are_checked_typed_and_taken_back(shell: Shell) -> None:
    said = shell.well("settings", "set", "jobs.io_workers", "3").err
    assert "next start" in said
    assert entry(shell, "jobs.io_workers")["value"] == 3
    assert "next start" not in shell.well("settings", "set", "subtitles.debug", "true").err
    shell.well("settings", "set", "library.ignore", "*.tmp, */trash/*")
    assert entry(shell, "library.ignore")["value"] == ["*.tmp", "*/trash/*"]
    shell.well("settings", "reset", "library.ignore")
    one = entry(shell, "library.ignore")
    assert (one["value"], one["source"]) == ([], "default")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("set", "jobs.io_workers", "many"), 2, "jobs.io_workers: It is a whole number."),
        (("set", "tagging.write_mode", "some"), 2, "It is 'none', 'minimal' or 'full'."),
        (("set", "tagging.write_mod", "full"), 3, "Did you mean tagging.write_mode?"),
        (("show", "quux"), 3, "mediant settings list"),
        (("set", "port", "80"), 4, "mediant.yaml"),
        (("set", "jobs.cpu_workers", "2"), 4, "MEDIANT_JOBS__CPU_WORKERS"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    shell: Shell, words: tuple[str, ...], code: int, said: str
) -> None:
    done = shell("settings", *words)
    assert done.code == code, done
    assert said in done.complaint()


@pytest.mark.slow
def test_a_secret_is_read_from_a_line_and_never_shown(shell: Shell) -> None:
    done = shell.well("settings", "set", "subtitles.openai_key", "-", stdin="geheim\n")
    assert entry(shell, "subtitles.openai_key")["value"] == "********"
    told = [done, shell.well("settings", "list"), shell.well("settings", "list", "--json")]
    assert not [one for one in told if "geheim" in one.out + one.err]


@pytest.mark.slow
def test_a_beaten_line_of_the_file_is_told(shell: Shell) -> None:
    shell.config_dir.mkdir(exist_ok=True)
    (shell.config_dir / "mediant.yaml").write_text("tagging:\n  preset: fast\n")
    shell.well("settings", "set", "tagging.preset", "full")
    remedy = "mediant settings reset tagging.preset"
    assert remedy in shell.well("settings", "list").err
    assert remedy in shell("doctor").out.replace("\n", "")
    shell.well("settings", "reset", "tagging.preset")
    assert entry(shell, "tagging.preset")["value"] == "fast"
    assert remedy not in shell.well("settings", "list").err


@pytest.mark.slow
def test_a_running_server_tells_what_waits_for_its_restart(served: Served) -> None:
    served.shell.well("settings", "set", "tagging.preset", "fast")
    one = entry(served.shell, "tagging.preset")
    assert (one["value"], one["waits_for_restart"]) == ("fast", True)
    assert "waits for the next start" in served.shell.well("settings", "list").err
    served.shell.well("settings", "reset", "tagging.preset")
    assert entry(served.shell, "tagging.preset")["waits_for_restart"] is False


@pytest.mark.slow
def test_the_remedy_for_a_server_of_bazarr_works(shell: Shell, media: MediaFactory) -> None:
    shell.config_dir.mkdir(exist_ok=True)
    (shell.config_dir / "mediant.yaml").write_text("subtitles:\n  operation_mode: provider\n")
    refused = shell("subtitles", "scan", media.folder)
    assert refused.code == 4
    remedy = refused.complaint().partition("Run: mediant ")[2]
    shell.well(*remedy.split())
    assert shell("subtitles", "scan", media.folder).code != 4


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("MEDIANT_ADMIN_PASSWORD", "short", "setting admin_password: A password needs 8"),
        ("MEDIANT_API_KEY", "short", "setting api_key: The API key needs"),
        ("MEDIANT_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x", "setting database_url: Post"),
        ("MEDIANT_TAGING__WRITE_MODE", "full", "Did you mean MEDIANT_TAGGING__WRITE_MODE?"),
    ],
)
def test_a_server_that_cannot_start_names_the_setting(
    shell: Shell, variable: str, value: str, said: str
) -> None:
    done = Shell(shell.config_dir, {**shell.environ, variable: value})("serve", "--port", 0)
    assert done.code in (2, 5), done
    assert said in done.err.splitlines()[-1]


def test_a_taken_port_names_every_way_to_another(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = shell("serve", "--host", "127.0.0.1", "--port", port)
    assert done.code == 4
    line = done.err.splitlines()[-1]
    assert "mediant serve --host H --port N" in line
    assert "make run PORT=N" in line


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("libraries", "add", "/nowhere/at/all"), 3),
        (("serve", "--media", "/nowhere/at/all"), 3),
        (("models", "import", "/nowhere/x.argosmodel"), 3),
        (("models", "import", "/nowhere/model"), 3),
        (("tag", "/nowhere/song.mp3"), 3),
        (("jobs", "--kind", "bogus"), 2),
        (("jobs", "pause", "kind:bogus"), 2),
        (("jobs", "schedules", "add", "x", "bogus", "* * * * *"), 2),
    ],
)
def test_exit_codes_are_alike(shell: Shell, words: tuple[str, ...], code: int) -> None:
    done = shell(*words)
    assert done.code == code, done
    assert done.out == ""
    done.complaint()


@pytest.mark.slow
def test_who_does_not_agree_gets_nothing_done(shell: Shell, media: MediaFactory) -> None:
    shell.well("libraries", "add", media.folder)
    for answer in ("n\n", ""):
        assert shell("libraries", "remove", 1, stdin=answer).code == 4
    assert len(shell.well("libraries", "--json").json()) == 1
    shell.well("libraries", "remove", 1, stdin="y\n")
    assert shell.well("libraries", "--json").json() == []


def test_the_doctor_says_facts_in_words(shell: Shell) -> None:
    facts = shell("doctor").out
    assert "onnxruntime 1." in facts
    assert "{" not in facts
    assert "memory" in facts
    assert "memory_bytes" not in facts
