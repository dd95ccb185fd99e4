"""Finds voices with Silero's network, as faster-whisper carries it, a few minutes at a time."""

from collections.abc import Callable

from faster_whisper.vad import VadOptions, get_speech_timestamps

from mediant.subtitles.speech.engine import RATE
from mediant.subtitles.speech.samples import Samples, to_float
from mediant.subtitles.speech.voices import Voice

BLOCK = 600 * RATE
"""Samples that are looked at in one go: 38 MB as float32."""

LEAST_PAUSE_MS = 160
"""Shorter pauses do not part voices."""

LONGEST_VOICE_S = 28.0
"""Longer voices are parted at their last breath; with padding they fit Whisper's 30 s."""

_OPTIONS = VadOptions(
    threshold=0.5,
    min_silence_duration_ms=LEAST_PAUSE_MS,
    max_speech_duration_s=LONGEST_VOICE_S,
    speech_pad_ms=0,
)


def find_voices(
    samples: Samples,
    start: int = 0,
    stop: int | None = None,
    breathe: Callable[[], None] = lambda: None,
) -> list[Voice]:
    """Where somebody speaks between `start` and `stop`, in order, without overlap.

    A voice at the end of a block is looked at again together with the next one. `breathe` is
    called between blocks; what it raises ends the search.
    """
    end = len(samples) if stop is None else min(stop, len(samples))
    found: list[Voice] = []
    position = start
    while position < end:
        breathe()
        block_end = min(position + BLOCK, end)
        spans = get_speech_timestamps(to_float(samples[position:block_end]), _OPTIONS)
        voices = [Voice(position + one["start"], position + one["end"]) for one in spans]
        next_position = block_end
        is_cut = block_end < end and voices and voices[-1].stop >= block_end
        if is_cut and voices[-1].start > position:
            next_position = voices.pop().start
        found += voices
        position = next_position
    return found
