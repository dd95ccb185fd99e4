"""Subtitles: what was said, as cues that read well, in files that players find.

Knows: words and their times, cues and the reading rules, formats, the names of subtitle files.
Public: `make_cues`, `Word`, `Cue`, `CueRules`, `cue_rules_for`, `violations`, `Violation`;
`formats.write_cues` and `formats.read_cues`; `naming.read_name` and `naming.subtitle_name`.
The whole room, with its jobs, rules, scans and workers, is `room.Subtitles`.
Must not know: HTTP, a family's words, any service's API, the music.
"""

from mediant.subtitles.cue import Cue
from mediant.subtitles.cue_rules import CueRules, cue_rules_for
from mediant.subtitles.cues import make_cues
from mediant.subtitles.violations import Violation, violations
from mediant.subtitles.words import Word

__all__ = ["Cue", "CueRules", "Violation", "Word", "cue_rules_for", "make_cues", "violations"]
