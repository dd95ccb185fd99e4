"""Made-up videos and rules for the tests of this folder."""

from hypothesis import strategies as st

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.video import (
    AudioTrack,
    EmbeddedSubtitle,
    ExternalSubtitle,
    Video,
)
from mediant.subtitles.rules.rule import Action, Conditions, Rule

FORMS = {
    "deu": ("deu", "ger", "de", "German"),
    "fra": ("fra", "fre", "fr", "French"),
    "jpn": ("jpn", "ja", "Japanese"),
    "eng": ("eng", "en", "English", "en-GB"),
}
"""One language as files and people write it."""


def film(
    *spoken: str,
    embedded: tuple[EmbeddedSubtitle, ...] = (),
    path: str = "/films/Film.mkv",
    is_video: bool = True,
) -> Video:
    """A video with audio tracks in these languages."""
    tracks = tuple(AudioTrack(i, i + 1, "aac", language) for i, language in enumerate(spoken))
    return Video(path, 1000, 1, 60.0, 0.0, is_video, tracks, embedded)


def settings(**told: object) -> SubtitlesSettings:
    """The defaults but for these."""
    return SubtitlesSettings.model_validate(told)


codes = st.sampled_from(sorted(FORMS))
written = codes.flatmap(lambda code: st.sampled_from(FORMS[code]))
told = st.sampled_from([*sorted(FORMS), "und"])
flags = st.booleans()

tracks = st.lists(st.tuples(told, flags, flags), max_size=4).map(
    lambda some: tuple(
        AudioTrack(i, i, "aac", language, is_default=is_default, is_commentary=is_commentary)
        for i, (language, is_default, is_commentary) in enumerate(some)
    )
)

embedded = st.lists(
    st.builds(
        EmbeddedSubtitle,
        stream_index=st.just(9),
        codec=st.just("subrip"),
        language=told,
        is_forced=flags,
        is_commentary=flags,
    ),
    max_size=3,
).map(tuple)

external = st.lists(
    st.builds(ExternalSubtitle, path=st.just("/films/Film.srt"), language=told, is_forced=flags),
    max_size=3,
).map(tuple)

videos = st.builds(
    lambda tracks, embedded, end: Video(
        f"/films/Film{end}", 1, 1, 1.0, 0.0, True, tracks, embedded
    ),
    tracks,
    embedded,
    st.sampled_from([".mkv", ".mp4", ".MKV", ""]),
)

conditions = st.builds(
    Conditions,
    audio_language_is=st.none() | written,
    audio_language_not=st.lists(written, max_size=2).map(tuple),
    audio_track_count_min=st.none() | st.integers(0, 4),
    has_embedded_subtitle_lang=st.none() | written,
    missing_embedded_subtitle_lang=st.none() | written,
    missing_external_subtitle_lang=st.none() | written,
    file_extension=st.lists(st.sampled_from([".mkv", "mkv", ".MP4", "avi"]), max_size=2).map(tuple),
)

rule_lists = st.lists(
    st.builds(
        lambda asked, priority, is_enabled: (asked, priority, is_enabled),
        conditions,
        st.integers(-2, 2),
        flags,
    ),
    max_size=5,
).map(
    lambda some: [
        Rule(i, f"Rule {i}", is_enabled, priority, asked, Action())
        for i, (asked, priority, is_enabled) in enumerate(some, start=1)
    ]
)
