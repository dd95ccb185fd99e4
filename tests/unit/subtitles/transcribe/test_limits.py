"""`custom_regroup` as reading rules."""

import pytest

from mediant.subtitles.cue_rules import cue_rules_for
from mediant.subtitles.transcribe.limits import rules_for


def test_the_default_means_the_usual_limits():
    rules = rules_for("eng", "cm_sl=84_sl=42++++++1")
    assert (rules.lines, rules.line_chars, rules.cue_cells) == (2, 42, 84)


@pytest.mark.parametrize(
    ("regroup", "lines", "line", "cue"),
    [
        ("cm_sl=60_sl=30++++++1", 2, 30, 60),
        ("cm_sl=42_sl=42++++++1", 1, 42, 42),
        ("cm_sl=120_sl=40", 3, 40, 120),
        ("cm_sl=50_sl=40", 2, 40, 50),
        ("sl=36", 1, 36, 36),
        ("cm_sl=2_sl=1", 1, 8, 8),
    ],
)
def test_its_two_numbers_are_cue_and_line(regroup, lines, line, cue):
    rules = rules_for("spa", regroup)
    assert (rules.lines, rules.line_chars, rules.cue_cells) == (lines, line, cue)


@pytest.mark.parametrize("regroup", ["", "cm", "nonsense", "cm_sp=.* /。"])
def test_without_numbers_the_language_decides(regroup):
    assert rules_for("fra", regroup) == cue_rules_for("fra")


def test_a_script_with_shorter_lines_keeps_them():
    rules = rules_for("jpn", "cm_sl=84_sl=42++++++1")
    assert (rules.lines, rules.line_chars) == (2, 13)
    assert rules.cue_cells == 52
