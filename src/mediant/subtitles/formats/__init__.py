"""Subtitle files as text: written for players and services, read from whoever made them."""

from mediant.subtitles.formats.decode import decode_text
from mediant.subtitles.formats.files import READABLE, WRITABLE, read_cues, write_cues
from mediant.subtitles.formats.markup import without_markup

__all__ = ["READABLE", "WRITABLE", "decode_text", "read_cues", "without_markup", "write_cues"]
