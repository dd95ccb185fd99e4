"""Finding out what there is to be heard in a file: the first steps of every job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.errors import Invalid, MediaError
from mediant.kernel.languages import UNKNOWN, canonical_code
from mediant.kernel.units import count
from mediant.subtitles.inspection.video import AudioTrack, Video
from mediant.subtitles.rules.audio_track import choose_track
from mediant.subtitles.speech.engine import Finding, SpeechEngine
from mediant.subtitles.speech.samples import Samples
from mediant.subtitles.transcribe.hearing import Hearing
from mediant.subtitles.transcribe.order import Order
from mediant.subtitles.transcribe.places import check_place
from mediant.subtitles.transcribe.stages import Stages


@dataclass(frozen=True, slots=True)
class Media:
    """A file that can be heard, and the track that is taken."""

    path: Path
    """As it was named."""
    video: Video
    track: AudioTrack

    def describe_heard(self, language: str | None, confidence: float) -> dict[str, Any]:
        """What was heard, and in which content of the file."""
        return {
            "path": str(self.path),
            "size": self.video.size,
            "mtime_ns": self.video.mtime_ns,
            "language": language or UNKNOWN,
            "confidence": confidence,
        }


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language that is spoken: its canonical code, how sure that is, and whether we heard it.

    `language` is None when nobody speaks.
    """

    language: str | None
    confidence: float = 1.0
    is_heard: bool = False


def find_media(order: Order, hearing: Hearing) -> Media:
    """The file and its track. MediaError, Forbidden, or Invalid for a track that is not there."""
    real = check_place(order.path, order.settings.library_paths)
    video = hearing.inspect(real)
    return Media(order.path, video, find_track(order, video))


def find_track(order: Order, video: Video) -> AudioTrack:
    """The track that was asked for, else the one that fits best."""
    if order.track is not None:
        for track in video.audio_tracks:
            if track.index == order.track:
                return track
        text = f"It has {count(len(video.audio_tracks), 'audio track')}, counted from 0."
        raise Invalid(text, asset=str(order.path))
    found = choose_track(video, order.source, order.settings, order.target)
    if found is None:
        raise MediaError("no_audio", "It holds no audio.", asset=str(order.path))
    return found


def known_language(order: Order, media: Media) -> str | None:
    """The spoken language as far as it is told: by the wish, the container, the settings, or by
    what was heard in this very content before."""
    if order.source is not None:
        return order.source
    if media.track.language != UNKNOWN:
        return canonical_code(media.track.language)
    if order.settings.force_detected_language_to:
        return canonical_code(order.settings.force_detected_language_to)
    spoken = order.spoken
    if spoken is None or order.track is not None or spoken["language"] == UNKNOWN:
        return None
    content = (media.video.size, media.video.mtime_ns)
    is_same = content == (spoken["size"], spoken["mtime_ns"])
    return str(spoken["language"]) if is_same else None


def hear_sound(media: Media, hearing: Hearing, stages: Stages) -> Samples:
    """Decode the track."""
    stages.begin("extracting_audio")
    stages.audio_s = media.track.duration_s or media.video.duration_s
    samples = hearing.decode(Path(media.video.path), media.track.stream_index, stages.advance_s)
    stages.audio_s = len(samples) / 16_000
    return samples


def hear_language(samples: Samples, engine: SpeechEngine, order: Order, stages: Stages) -> Spoken:
    """Which language is spoken, by vote; the most probable one when it is not very sure."""
    stages.begin("detecting_language")
    able = engine.capabilities()
    if not able.can_detect:
        only = next(iter(able.languages)) if len(able.languages) == 1 else None
        return Spoken(canonical_code(only) if only else None, 0.0)
    finding = engine.detect(samples, order.windows, stages.advance_s)
    return to_spoken(finding)


def to_spoken(finding: Finding) -> Spoken:
    """The finding in canonical codes."""
    best = finding.probabilities[0][0] if finding.probabilities else None
    code = finding.language or best
    if code is None:
        return Spoken(None, 0.0, is_heard=True)
    return Spoken(canonical_code(code), float(finding.confidence), is_heard=True)
