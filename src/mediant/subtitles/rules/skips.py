"""Why a video that a rule asks for is left alone all the same. Pure.

The order is fixed, the first reason counts; a manual job does not ask here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from mediant.kernel.languages import UNKNOWN, canonical_code, is_same_language
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.external import find_lyrics
from mediant.subtitles.inspection.video import ExternalSubtitle, Video
from mediant.subtitles.rules.audio_track import choose_track, spoken_language
from mediant.subtitles.rules.output import output_path


@dataclass(frozen=True, slots=True)
class FolderMarks:
    """What lies around a video."""

    marker: str | None = None
    """The path of the marker file that covers its folder (`external.find_marker`)."""
    names: tuple[str, ...] = ()
    """The names in its folder (`external.list_names`)."""


def why_skip(
    video: Video,
    external: Sequence[ExternalSubtitle],
    target: str,
    settings: SubtitlesSettings,
    written: frozenset[str],
    marks: FolderMarks,
) -> str | None:
    """The reason as a sentence, or None when subtitles in `target` are to be made.

    An empty or unknown `target` is the language that is spoken. `written`: the paths of the
    subtitle files that Mediant wrote.
    """
    wanted = canonical_code(target)
    spoken = spoken_language(choose_track(video, None, settings, wanted), settings)
    wanted = spoken if wanted == UNKNOWN else wanted
    look = _Look(video, tuple(external), wanted, spoken, settings, written, marks)
    return next((reason for check in _CHECKS if (reason := check(look))), None)


def find_output(
    video: Video, target: str, settings: SubtitlesSettings, names: Iterable[str]
) -> str | None:
    """The path of the exact file that would be written, where it exists; `und` writes none."""
    if video.is_video and canonical_code(target) == UNKNOWN:
        return None
    path = output_path(video.path, target, settings, is_video=video.is_video)
    return path if PurePath(path).name in set(names) else None


@dataclass(frozen=True, slots=True)
class _Look:
    video: Video
    external: tuple[ExternalSubtitle, ...]
    target: str
    spoken: str
    settings: SubtitlesSettings
    written: frozenset[str]
    marks: FolderMarks


def _marker(look: _Look) -> str | None:
    return f"{look.marks.marker} asks for it." if look.marks.marker else None


def _lyrics(look: _Look) -> str | None:
    if look.video.is_video:
        return None
    name = find_lyrics(look.video.path, look.marks.names)
    return f"There are lyrics: {name}." if name else None


def _unknown_language(look: _Look) -> str | None:
    if look.settings.skip_unknown_language and look.spoken == UNKNOWN:
        return "The language of its audio is not known (skip_unknown_language)."
    return None


def _audio_languages(look: _Look) -> str | None:
    spoken = [track.language for track in look.video.audio_tracks if not track.is_commentary]
    found = _first_of(spoken, look.settings.skip_if_audio_languages)
    return found and f"There is audio in {found} (skip_if_audio_languages)."


def _target_subtitles(look: _Look) -> str | None:
    if not look.settings.skip_if_target_subtitles_exist:
        return None
    is_ours_only = look.settings.skip_only_subgen_subtitles
    if not is_ours_only and _has_embedded(look.video, look.target):
        text = f"There are embedded subtitles in {look.target}"
        return f"{text} (skip_if_target_subtitles_exist)."
    files = [one for one in look.external if not is_ours_only or _is_generated(one, look.written)]
    found = _first_file(files, look.target)
    return found and f"There are subtitles: {found} (skip_if_target_subtitles_exist)."


def _output(look: _Look) -> str | None:
    found = find_output(look.video, look.target, look.settings, look.marks.names)
    return found and f"{found} exists."


def _internal_language(look: _Look) -> str | None:
    language = look.settings.skip_if_internal_subtitles_language
    if not _has_embedded(look.video, language):
        return None
    code = canonical_code(language)
    return f"There are embedded subtitles in {code} (skip_if_internal_subtitles_language)."


def _subtitle_languages(look: _Look) -> str | None:
    told = [stream.language for stream in look.video.embedded if stream.is_cover]
    found = _first_of(told, look.settings.skip_subtitle_languages)
    return found and f"There are embedded subtitles in {found} (skip_subtitle_languages)."


def _external(look: _Look) -> str | None:
    """The language that names get; without a fixed one that is the target's."""
    if not look.settings.skip_if_external_subtitles_exist:
        return None
    language = look.settings.subtitle_language_name or look.target
    found = _first_file(look.external, language)
    return found and f"There are subtitles: {found} (skip_if_external_subtitles_exist)."


_CHECKS: tuple[Callable[[_Look], str | None], ...] = (
    _marker,
    _lyrics,
    _unknown_language,
    _audio_languages,
    _target_subtitles,
    _output,
    _internal_language,
    _subtitle_languages,
    _external,
)


def _has_embedded(video: Video, language: str) -> bool:
    return any(one.is_cover and is_same_language(one.language, language) for one in video.embedded)


def _is_generated(file: ExternalSubtitle, written: frozenset[str]) -> bool:
    return file.is_generated or file.path in written


def _first_file(files: Iterable[ExternalSubtitle], language: str) -> str | None:
    return next(
        (
            one.path
            for one in files
            if not one.is_forced and is_same_language(one.language, language)
        ),
        None,
    )


def _first_of(told: Iterable[str], listed: Sequence[str]) -> str | None:
    """The first told language that is in the list."""
    return next(
        (
            canonical_code(language)
            for language in told
            if any(is_same_language(language, one) for one in listed)
        ),
        None,
    )
