"""Which audio track is listened to, and in which language it speaks. Pure."""

from collections.abc import Iterable, Sequence

from mediant.kernel.languages import UNKNOWN, canonical_code, is_same_language
from mediant.settings.subtitles import PREFERRED_AUDIO, SubtitlesSettings
from mediant.subtitles.inspection.video import AudioTrack, Video


def choose_track(
    video: Video, wanted_language: str | None, settings: SubtitlesSettings, target: str = UNKNOWN
) -> AudioTrack | None:
    """The track to listen to; None where there is no audio.

    In this order: the language that the job names (then a track that tells none, for it may be
    that); `force_detected_language_to`; the first of `preferred_audio_languages` that there is, if
    somebody chose that list; the `target` language of the subtitles, for what is written down as
    it is said beats any translation; the first of the list that stands there by default; the
    default track; the first one. Commentary is taken only where there is nothing else.
    """
    tracks = [t for t in video.audio_tracks if not t.is_commentary] or list(video.audio_tracks)
    if not tracks:
        return None
    # Of equals the default track, then the first.
    tracks.sort(key=lambda track: (not track.is_default, track.index))
    if wanted_language:
        found = _first_in(tracks, [wanted_language]) or _first_untold(tracks)
        if found is not None:
            return found
    return _first_in(tracks, _wishes(settings, target)) or tracks[0]


def _wishes(settings: SubtitlesSettings, target: str) -> list[str]:
    """Languages to listen to, the best first."""
    listed = settings.preferred_audio_languages
    is_chosen = list(map(canonical_code, listed)) != list(PREFERRED_AUDIO)
    liked = [*listed, target] if is_chosen else [target, *listed]
    return [settings.force_detected_language_to, *liked]


def spoken_language(track: AudioTrack | None, settings: SubtitlesSettings) -> str:
    """The language of a track, ISO 639-2/T; what `force_detected_language_to` says where the track
    does not tell it, and `und` where that is empty, too: then it is to be heard."""
    told = canonical_code(track.language) if track is not None else UNKNOWN
    return told if told != UNKNOWN else canonical_code(settings.force_detected_language_to)


def _first_in(tracks: Sequence[AudioTrack], languages: Iterable[str]) -> AudioTrack | None:
    return next(
        (
            track
            for language in languages
            for track in tracks
            if is_same_language(track.language, language)
        ),
        None,
    )


def _first_untold(tracks: Sequence[AudioTrack]) -> AudioTrack | None:
    return next((t for t in tracks if canonical_code(t.language) == UNKNOWN), None)
