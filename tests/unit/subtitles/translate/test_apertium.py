"""Apertium itself, where it is installed."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from mediant.errors import Cancelled, ModelError
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.translate import find_route, open_translator
from mediant.subtitles.translate.apertium import ApertiumTranslator, list_pairs, read_pairs
from mediant.testing.processes import is_alive
from mediant.testing.waiting import wait_until

SPANISH = ("spa", "eng", "spa-eng")
needs_apertium = pytest.mark.skipif(
    shutil.which("apertium") is None or SPANISH not in list_pairs(),
    reason="needs Debian's apertium and apertium-eng-spa",
)


def quietly(_share: float) -> None:
    """Go on."""


def test_modes_are_read_as_pairs():
    listing = "  eng-spa\n  spa-eng_US\n  zlm-ind\n  cat-oci@aran\n  hbs-foo\n  spa-spa\n"
    assert read_pairs(listing) == (
        ("eng", "spa", "eng-spa"),
        ("spa", "eng", "spa-eng_US"),
        ("msa", "ind", "zlm-ind"),
        ("cat", "oci", "cat-oci@aran"),
    )


def test_without_the_program_there_are_no_pairs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_pairs() == ()
    with pytest.raises(ModelError, match="not installed"):
        ApertiumTranslator("spa-eng")


@needs_apertium
def test_sentences_are_translated_each_by_itself(tmp_path: Path):
    route = find_route("es", "en", tmp_path, SubtitlesSettings(), whisper_can=False)
    (step,) = route.steps
    assert (step.kind, step.name) == ("apertium", "spa-eng")
    translator = open_translator(step, SubtitlesSettings())
    found = translator.translate(
        ["El gato come", "Los niños juegan en el parque.", "Hola mundo"], "spa", "eng", quietly
    )
    words = [text.casefold() for text in found]
    assert "cat" in words[0]
    assert "park." in words[1]
    assert "hello" in words[2]


@needs_apertium
def test_marks_stay_and_unknown_words_get_no_star():
    texts = [
        "El gato * xyzzyq come [1] ^a$ / \\ {b} <i>x</i> @ #",
        "- Sí, 50 % de él…",
        "¿Qué?\nNada.",
    ]
    found = ApertiumTranslator("spa-eng").translate(texts, "spa", "eng", quietly)
    assert len(found) == 3
    assert "*xyzzyq" not in found[0]
    for mark in ("* xyzzyq", "[1]", "^", "$", "/", "\\", "{", "}", "<i>", "</i>", "@", "#"):
        assert mark in found[0]
    assert found[1].startswith("- ")
    assert "50 %" in found[1]
    assert "\n" not in found[2]


@needs_apertium
def test_many_sentences_keep_their_places():
    texts = [f"Hay {n + 2} casas" for n in range(450)]
    shares: list[float] = []
    found = ApertiumTranslator("spa-eng").translate(texts, "spa", "eng", shares.append)
    assert [f" {n + 2} house" in text.casefold() for n, text in enumerate(found)] == [True] * 450
    assert shares == sorted(shares)
    assert {0.0, 200 / 450, 400 / 450} <= set(shares)


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


@needs_apertium
def test_cancelled_it_leaves_no_process():
    before = children()
    started: set[psutil.Process] = set()

    def advance(_share: float) -> None:
        started.update(children() - before)
        if started:
            raise Cancelled

    with pytest.raises(Cancelled):
        ApertiumTranslator("spa-eng").translate(["La casa"] * 200, "spa", "eng", advance)
    assert started
    # Killed, each still needs its turn to die, on a machine that may be busy.
    wait_until(lambda: not any(map(is_alive, started | (children() - before))))


@needs_apertium
def test_an_unknown_mode_fails_with_its_words():
    with pytest.raises(ModelError, match="xxx-yyy"):
        ApertiumTranslator("xxx-yyy").translate(["hola"], "spa", "eng", quietly)


def test_it_may_not_take_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A program of this name that never ends, nor does what it started."""
    program = tmp_path / "apertium"
    program.write_text("#!/bin/sh\nsleep 3600 | sleep 3600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    started: set[psutil.Process] = set()
    before = children()
    with pytest.raises(ModelError, match="longer than 0 s"):
        ApertiumTranslator("spa-eng", limit_s=0).translate(
            ["hola"], "spa", "eng", lambda _: started.update(children() - before)
        )
    assert started
    wait_until(lambda: not any(map(is_alive, started | (children() - before))))
