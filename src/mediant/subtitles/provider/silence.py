"""What is answered where nobody speaks. Pure."""

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.cue import Cue
from mediant.subtitles.formats import write_cues

FORMS = ("srt", "vtt")
"""Forms of subtitles; the others tell what was heard, and nothing was."""
SHOWN_MS = 1000
_ARROW = "-->"


def fill_silence(text: str, form: str, settings: SubtitlesSettings) -> str:
    """The answer, or one cue with `provider_silent_text` in place of a subtitle without cues.

    Whoever gets an empty file takes it for a failure and asks again; a cue is kept.
    """
    if form not in FORMS or _ARROW in text or not settings.provider_silent_text:
        return text
    return write_cues([Cue(0, SHOWN_MS, (settings.provider_silent_text,))], form)
