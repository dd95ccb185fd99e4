"""What is shown of a song: the tier of each mood, why, and names as they are."""

import pytest
from tests.integration.cli.shell import Shell

from mediant.testing.models import write_backbone, write_head


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
