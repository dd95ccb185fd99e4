"""What a video holds, as its container says it.

The values travel between processes and lie in the cache: `Video.to_dict` gives only what msgpack
and JSON can carry, `Video.from_dict` takes it back.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mediant.errors import Invalid
from mediant.kernel.languages import UNKNOWN

FORM = 1
"""Counts up when the fields change; what an older form holds is inspected again."""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio stream."""

    index: int
    """Its number among the audio streams, from 0."""
    stream_index: int
    """Its number among all streams."""
    codec: str
    language: str = UNKNOWN
    """ISO 639-2/T, or `und`."""
    channels: int = 0
    title: str = ""
    is_default: bool = False
    is_forced: bool = False
    is_commentary: bool = False
    start_s: float = 0.0
    """Of its first sample, on the clock of the container's timestamps."""
    duration_s: float | None = None
    """As the container tells it, if it does; some count from the beginning of the file."""


@dataclass(frozen=True, slots=True)
class EmbeddedSubtitle:
    """One subtitle stream."""

    stream_index: int
    codec: str
    language: str = UNKNOWN
    """ISO 639-2/T, or `und`."""
    title: str = ""
    is_forced: bool = False
    is_default: bool = False
    is_image: bool = False
    """Pictures of text (PGS, VobSub, DVB): nothing can read words from them."""
    is_hearing_impaired: bool = False
    is_commentary: bool = False
    """It tells what is said about the film, not in it."""

    @property
    def is_cover(self) -> bool:
        """Whether it tells all that is said."""
        return not (self.is_forced or self.is_commentary)


@dataclass(frozen=True, slots=True)
class ExternalSubtitle:
    """A subtitle file beside the video."""

    path: str
    language: str = UNKNOWN
    """ISO 639-2/T, or `und` where the name tells none."""
    is_forced: bool = False
    is_generated: bool = False
    """Whether its name carries the mark of a program that transcribes."""


@dataclass(frozen=True, slots=True)
class Video:
    """A media file of which subtitles can be made: a film, or audio without picture."""

    path: str
    size: int
    mtime_ns: int
    duration_s: float
    """0 where the container does not tell it."""
    start_s: float
    """Of the first timestamp in the container."""
    is_video: bool
    """Whether it holds moving pictures; a cover is none."""
    audio_tracks: tuple[AudioTrack, ...] = ()
    embedded: tuple[EmbeddedSubtitle, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the number of their form."""
        return {"form": FORM, **_to_lists(asdict(self))}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Video":
        """The other way; raises Invalid for another form, which is to be inspected again."""
        if told.get("form") != FORM:
            raise Invalid("This inspection has another form.", remedy="Inspect the file again.")
        plain = {key: value for key, value in told.items() if key != "form"}
        return cls(
            **plain
            | {
                "audio_tracks": tuple(AudioTrack(**track) for track in told["audio_tracks"]),
                "embedded": tuple(EmbeddedSubtitle(**stream) for stream in told["embedded"]),
            }
        )


def _to_lists(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()
    }
