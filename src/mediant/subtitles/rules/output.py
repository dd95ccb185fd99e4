"""Which file subtitles are written to. Pure."""

from pathlib import PurePath

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.extensions import split_name
from mediant.subtitles.naming import LYRICS, NamingType, subtitle_name


def output_path(path: str, language: str, settings: SubtitlesSettings, *, is_video: bool) -> str:
    """The subtitle file of a media file in `language`, in the same folder.

    `Film.spa.srt` by the naming of the settings. Audio without picture gets `Song.lrc` when
    `lrc_for_audio_files` is on: players look for no other name. Raises Invalid for what is no
    language, and for a `subtitle_language_name` that cannot stand in a name.
    """
    media = PurePath(path)
    stem = split_name(media.name)[0]
    if not is_video and settings.lrc_for_audio_files:
        return str(media.with_name(f"{stem}.{LYRICS}"))
    naming = NamingType(settings.subtitle_language_naming_type)
    fixed = settings.subtitle_language_name
    return str(media.with_name(subtitle_name(stem, language, naming=naming, fixed=fixed)))
