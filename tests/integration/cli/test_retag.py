"""`mediant retag` as a person runs it."""

import hashlib
from pathlib import Path

import mutagen
import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.media import MediaFactory


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_a_change_of_rules_reaches_the_files_that_it_concerns(
    shell: Shell, media: MediaFactory
) -> None:
    song = media.song("song.flac", seconds=10)
    shell.well("libraries", "add", media.folder, "--write", "full")
    shell.well("tag", song)
    assert "happy" in mutagen.File(song)["nom_mood_loose"]
    before = digest(song)
    nothing = shell.well("retag", "--json").json()
    assert nothing["result"]["files_to_write"] == 0
    assert digest(song) == before

    strict = Shell(
        shell.config_dir, {**shell.environ, "MEDIANT_TAGGING__MOOD_EXCLUDE_HEADS": "mood_happy"}
    )
    dry = strict.well("retag", "--dry-run")
    assert "dry run" in dry.out
    assert digest(song) == before
    told = strict.well("retag", "--library", "music", "--json").json()
    assert (told["state"], told["result"]["files_to_write"]) == ("done", 1)
    assert "happy" not in mutagen.File(song)["nom_mood_loose"]
    assert "byte for byte" in strict.well("tag", "undo", song).err
    assert digest(song) == before


@pytest.mark.parametrize("extra", [["--library", "nowhere"]])
def test_an_unknown_library_is_told(shell: Shell, extra: list[str]) -> None:
    done = shell("retag", *extra)
    assert done.code == 3
    assert "nowhere" in done.err
