"""The video of which a piece of sound is said to be: a hint, never an order to read a file."""

from dataclasses import dataclass
from pathlib import Path

from mediant.errors import Forbidden, MediaError
from mediant.kernel.paths import is_storable
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.free_clock import is_named_so
from mediant.subtitles.inspection.video import Video
from mediant.subtitles.rules.audio_track import choose_track
from mediant.subtitles.transcribe.places import check_place, to_ours

LEAST_START_S = 0.1
"""A track that begins no later than this begins with the film."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A video of ours, in this very content."""

    path: str
    size: int
    mtime_ns: int


def find_hint(told: str, settings: SubtitlesSettings, *, is_known: bool) -> Hint | None:
    """The file that is meant, if it is there and ours to read.

    `told` is the path as the other program knows it. Outside `library_paths` nothing is looked at;
    while there are none, only for a caller who is known.
    """
    if not told or not is_storable(told) or not (settings.library_paths or is_known):
        return None
    path = to_ours(told, settings)
    if not path.is_absolute():
        return None
    try:
        real = check_place(path, settings.library_paths)
        found = real.stat()
    except (MediaError, Forbidden, OSError):
        return None
    return Hint(str(real), found.st_size, found.st_mtime_ns)


def find_start_s(video: Video, language: str | None, settings: SubtitlesSettings) -> float:
    """How much later the sound begins than the film; 0 for what nobody notices.

    Who sends bare samples loses the silence in front of them.
    """
    track = choose_track(video, language, settings)
    if track is None:
        return 0.0
    is_free = is_named_so(Path(video.path))
    start = track.start_s - (video.start_s if is_free else 0.0)
    return start if start > LEAST_START_S else 0.0
