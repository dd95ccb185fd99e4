"""`mediant analytics`, in processes of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.server import running_server
from mediant.testing.tracks import furnish

TRACKS = (
    {"mood-loose": ("happy", "party"), "mood-regular": ("happy",), "genre": ("Rock",)},
    {"mood-loose": ("happy",), "genre": ("Rock",), "energy": ("0.2500",)},
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Commands beside a server, which are quicker than those that must be one themselves."""
    folder: Path = tmp_path_factory.mktemp("analytics")
    furnish(folder, TRACKS)
    with running_server(folder):
        yield Shell(folder)


def lines(shell: Shell, *arguments: str) -> list[list[str]]:
    """The table's rows as words, the head first."""
    out = shell.well("analytics", *arguments).out
    return [line.split() for line in out.splitlines()]


def test_tables(shell: Shell) -> None:
    assert lines(shell, "tags", "--limit", "1") == [["tag", "files", "values"], ["genre", "2", "1"]]
    assert lines(shell, "moods")[1:] == [
        ["happy", "2", "100.0", "%"],
        ["party", "1", "50.0", "%"],
    ]
    assert lines(shell, "correlations")[1] == ["happy", "0.000", "0.500", "0.500", "party", "0.500"]
    genre = " ".join(lines(shell, "genres")[1])
    assert genre == "Rock 2 100.0 % happy 100.0 %, party 50.0 % energy 0.25"
    matrix = lines(shell, "together", "-x", "mood-loose=party", "-y", "genre=Rock")
    assert matrix == [["mood-loose=party"], ["genre=Rock", "1"]]


def test_json_is_what_the_api_answers(shell: Shell) -> None:
    found = shell.well("analytics", "moods", "--json").json()
    assert found["moods"][0] == {"mood": "happy", "files": 2, "percentage": 100.0}
    assert shell.well("analytics", "tags", "--json").json()["frequencies"]
    assert shell.well("analytics", "genres", "--json").json()["genres"][0]["genre"] == "Rock"
    told = shell.well("analytics", "correlations", "--json").json()
    assert told["moods"]["party"] == {"happy": 1.0}
    both = ("together", "-x", "genre=Rock", "-y", "genre=Rock", "--json")
    assert shell.well("analytics", *both).json() == {"matrix": [[2]]}


def test_what_is_no_tag_is_refused(shell: Shell) -> None:
    done = shell("analytics", "together", "-x", "genre", "-y", "genre=Rock")
    assert done.code != 0
    assert "KEY=VALUE" in done.complaint()


def test_too_many_tags_are_refused(shell: Shell) -> None:
    many = [part for number in range(17) for part in ("-x", f"genre={number}")]
    done = shell("analytics", "together", *many, "-y", "genre=Rock")
    assert done.code != 0
    assert "16" in done.complaint()
