"""One door for all formats."""

from collections.abc import Callable, Sequence

from mediant.errors import Invalid
from mediant.subtitles.cue import Cue
from mediant.subtitles.formats.decode import decode_text
from mediant.subtitles.formats.plain import write_json, write_lrc, write_tsv, write_txt
from mediant.subtitles.formats.srt import read_srt, write_srt
from mediant.subtitles.formats.vtt import read_vtt, write_vtt

_WRITERS: dict[str, Callable[[Sequence[Cue]], str]] = {
    "srt": write_srt,
    "vtt": write_vtt,
    "tsv": write_tsv,
    "txt": write_txt,
    "lrc": write_lrc,
}
WRITABLE = (*_WRITERS, "json")
READABLE = ("srt", "vtt")


def write_cues(cues: Sequence[Cue], form: str, language: str = "") -> str:
    """`cues` in one of `WRITABLE`; `language` is what json calls it. Raises Invalid otherwise."""
    if form == "json":
        return write_json(cues, language)
    writer = _WRITERS.get(form)
    if writer is None:
        raise Invalid(f"{form!r} is no format.", remedy=f"Use one of {', '.join(WRITABLE)}.")
    return writer(cues)


def read_cues(data: bytes | str, language: str | None = None) -> list[Cue]:
    """The cues of a SubRip or WebVTT file, told apart by its first line.

    `language` helps to read bytes that are not Unicode. A file without cues gives an empty list.
    """
    text = decode_text(data, language) if isinstance(data, bytes) else data
    is_vtt = text.removeprefix("\ufeff").lstrip().startswith("WEBVTT")
    return read_vtt(text) if is_vtt else read_srt(text)
