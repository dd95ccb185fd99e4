"""What was typed wrong is said in one plain line: what, what was given, what is allowed."""

import pytest
from tests.integration.cli.shell import Shell


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "jobs --state foo",
            "--state: 'foo' is not one of 'queued', 'running', 'done', 'failed', 'cancelled'. "
            "See: mediant jobs --help",
        ),
        ("jobs --limit 0", "--limit: '0' does not fit: it is at least 1. See: mediant jobs --help"),
        ("jobs --limit 1001", "--limit: '1001' does not fit: it is at most 1000."),
        ("jobs --limit x", "--limit: 'x' does not fit: it is a whole number."),
        ("jobs show x", "job: 'x' does not fit: it is a whole number."),
        ("jobs pause x", "scope: 'x' is not all, lane:<lane> or kind:<kind>."),
        ("jobs clean --hours soon", "--hours: 'soon' does not fit: it is a number."),
        ("serve --write some", "--write: 'some' is not one of 'none', 'minimal', 'full'."),
        ("libraries remove x --json", "--json: it goes with --dry-run."),
        ("settings show", "Missing argument 'key'. See: mediant settings show --help"),
        ("settings show a b", "Got unexpected extra argument(s) (b)."),
        ("jobs list", "No such command 'list'. See: mediant jobs --help"),
        ("scan --forse", "No such option: --forse (Possible options: --force)."),
        ("-q", "Missing command. See: mediant --help"),
    ],
)
def test_it_is_said_in_one_line(shell: Shell, words: str, said: str) -> None:
    done = shell(*words.split())
    assert (done.code, done.out) == (2, "")
    assert f"mediant: {said}" in done.complaint().replace("python -m mediant", "mediant")


def test_who_asks_for_nothing_gets_the_help(shell: Shell) -> None:
    done = shell("settings")
    assert done.code == 2
    assert "Usage:" in done.out + done.err
    assert "mediant: " not in done.err


@pytest.mark.parametrize(
    ("words", "code"), [("--version", 0), ("doctor --help", 0), ("tag /nowhere.mp3", 3)]
)
def test_the_exit_code_is_that_of_the_command(shell: Shell, words: str, code: int) -> None:
    assert shell(*words.split()).code == code
