"""The two limits of `custom_regroup` as reading rules."""

import re
from dataclasses import replace

from mediant.subtitles.cue_rules import CueRules, cue_rules_for

_LENGTH = re.compile(r"(?:^|_)sl=(\d+)")
_LATIN_CHARS = CueRules().line_chars
_SHORTEST = 8
_MOST_LINES = 3


def rules_for(language: str, regroup: str) -> CueRules:
    """The rules of a language within the limits of `regroup`, such as `cm_sl=84_sl=42++++++1`.

    Its first length is that of a whole cue, its second that of a line. Where the script of the
    language has shorter lines, these stay.
    """
    rules = cue_rules_for(language)
    lengths = [max(_SHORTEST, int(found)) for found in _LENGTH.findall(regroup)]
    if not lengths:
        return rules
    cue, line = lengths[0], min(lengths[:2])
    if rules.line_chars < _LATIN_CHARS:
        line = min(line, int(rules.line_chars))
    lines = max(1, min(_MOST_LINES, -(-cue // line)))
    lines = min(lines, rules.lines) if rules.line_chars < _LATIN_CHARS else lines
    return replace(rules, line_chars=line, lines=lines, cue_chars=min(cue, lines * line))
