"""WebVTT that tells when each word is said: karaoke, as the standard calls it.

Every word is a span `<c>`, because style sheets reach spans only (`::cue(c:past)`), and before it
stands its time. Times rise within a cue and lie inside it, as the standard asks; a word that would
break that begins with the one before it.
"""

from collections.abc import Iterable, Iterator

from mediant.subtitles.cue import Cue
from mediant.subtitles.formats.body import body_of
from mediant.subtitles.formats.clock_times import write_time
from mediant.subtitles.formats.markup import escape
from mediant.subtitles.formats.vtt import join_blocks
from mediant.subtitles.formats.word_places import place_words


def write_karaoke(cues: Iterable[Cue]) -> str:
    """The same cues as `vtt`, with the times of their words. One without words stays plain."""
    return join_blocks((cue, "".join(_mark(cue, text)).split("\n")) for cue, text in _texts(cues))


def _texts(cues: Iterable[Cue]) -> Iterator[tuple[Cue, str]]:
    for cue in cues:
        if body := body_of(cue):
            yield cue, "\n".join(body)


def _mark(cue: Cue, text: str) -> Iterator[str]:
    position, last_ms = 0, cue.start_ms
    for word, begin, end in place_words(text, cue.words):
        yield escape(text[position:begin])
        at_ms = round(word.start_s * 1000)
        if last_ms < at_ms < cue.end_ms:
            yield f"<{write_time(at_ms, '.', is_short=True)}>"
            last_ms = at_ms
        yield f"<c>{escape(text[begin:end])}</c>"
        position = end
    yield escape(text[position:])
