"""Subtitle files as text: written for players and services, read from whoever made them.

Public: `write_cues`, `write_karaoke`, `read_cues`, `decode_text`, `without_markup`, `READABLE`,
`WRITABLE`.
Pure: must not know where files lie, or how cues are made.
"""

from mediant.subtitles.formats.decode import decode_text
from mediant.subtitles.formats.files import READABLE, WRITABLE, read_cues, write_cues
from mediant.subtitles.formats.karaoke import write_karaoke
from mediant.subtitles.formats.markup import without_markup

__all__ = [
    "READABLE",
    "WRITABLE",
    "decode_text",
    "read_cues",
    "without_markup",
    "write_cues",
    "write_karaoke",
]
