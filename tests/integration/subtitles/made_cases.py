"""Videos that rules, a scan and jobs meet, and what becomes of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from tests.integration.subtitles.cinema import RATE, Voices, loudness

from mediant.testing import signals
from mediant.testing.videos import Sound, Text, VideoFactory

SHORT, LONG = "en/0880", "en/0870"
"""He was not an ill disposed young man; and mister john dashwood …"""
SPANISH, FRENCH = "es/demo-nogo", "fr/demo-nogo"

RULES = (
    {
        "name": "Spanish", "priority": 30, "target_language": "es",
        "audio_language_is": "spa", "missing_external_subtitle_lang": "spa",
    },
    {
        "name": "English", "priority": 20, "target_language": "eng",
        "audio_language_is": "en", "audio_language_not": "fra",
        "missing_external_subtitle_lang": "eng",
    },
    {"name": "Own", "priority": 10, "file_extension": "mkv,mp4,.AVI,webm"},
)  # fmt: skip
"""The last one writes what is spoken."""


@dataclass(frozen=True, slots=True)
class Case:
    """One video, and what becomes of it."""

    name: str
    make: Callable[[VideoFactory, Voices, str], object]
    """Puts the video, and what lies beside it, under this name."""
    end: Literal["made", "left", "no rule", "unreadable", "nothing"]
    """`nothing`: nobody looks at it."""
    rule: str = ""
    reason: str = ""
    """A regular expression."""
    file: str = ""
    """Of the subtitle, relative to the folder; `made` only."""
    says: str = SHORT
    source: str = "eng"
    target: str = "eng"
    is_heard: bool = False
    """Whether a job hears its language first."""


def _speaks(*tags: str, says: str = SHORT) -> Callable[[VideoFactory, Voices, str], object]:
    """A video with an audio track for each tag, all of which say the same."""

    def make(videos: VideoFactory, voices: Voices, name: str) -> object:
        return videos.video(name, [voices.sound(says, tag) for tag in tags])

    return make


def _with_text(*texts: Text) -> Callable[[VideoFactory, Voices, str], object]:
    """An English video with embedded subtitles."""

    def make(videos: VideoFactory, voices: Voices, name: str) -> object:
        return videos.video(name, [voices.sound(SHORT, "eng")], texts)

    return make


def _beside(
    tokens: str, *, extension: str = "srt", folder: str = ""
) -> Callable[[VideoFactory, Voices, str], object]:
    """An English video with a subtitle file."""

    def make(videos: VideoFactory, voices: Voices, name: str) -> object:
        path = videos.video(name, [voices.sound(SHORT, "eng")])
        return videos.external(path, tokens, extension=extension, folder=folder)

    return make


def _three_languages(videos: VideoFactory, voices: Voices, name: str) -> object:
    tracks = (SHORT, "eng"), (FRENCH, "fre"), (SPANISH, "spa")
    sounds = [voices.sound(clip, tag, is_default=tag == "eng") for clip, tag in tracks]
    return videos.video(name, sounds)


def _french_second(videos: VideoFactory, voices: Voices, name: str) -> object:
    sounds = [voices.sound(SHORT, "eng", is_default=True), voices.sound(FRENCH, "fra")]
    return videos.video(name, sounds)


def _commentary_first(videos: VideoFactory, voices: Voices, name: str) -> object:
    comment = voices.sound(LONG, "eng", title="Director's Commentary", is_default=True)
    return videos.video(name, [comment, voices.sound(SHORT, "eng")])


def _commentary_in_french(videos: VideoFactory, voices: Voices, name: str) -> object:
    """The commentary's language is none of the film's: `audio_language_not` does not see it."""
    comment = voices.sound(FRENCH, "fra", is_commentary=True)
    return videos.video(name, [comment, voices.sound(SHORT, "eng")])


def _untold_with_subtitle(videos: VideoFactory, voices: Voices, name: str) -> object:
    path = videos.video(name, [voices.sound(LONG)])
    return videos.external(path, "en")


def _half(videos: VideoFactory, voices: Voices, name: str) -> object:
    """The words arrived, of the music behind them a part."""
    music = signals.tone(20.0, rate=RATE)
    sound = np.concatenate([loudness(voices.clip(SHORT).read()), music])
    return videos.cut(name, 0.5, [Sound("eng", sound)])


def _wrong_end(videos: VideoFactory, voices: Voices, name: str) -> object:
    return videos.mislabelled(name, ".mkv", [voices.sound(SHORT, "eng")])


def _marked(videos: VideoFactory, voices: Voices, name: str) -> object:
    path = videos.video(name, [voices.sound(SHORT, "eng")])
    return path.with_name(".nosubs").write_bytes(b"")


EXISTS = r"There are subtitles: .*{} \(skip_if_target_subtitles_exist\)\."
INSIDE = r"There are embedded subtitles in eng \(skip_if_target_subtitles_exist\)\."

CASES = (
    # The track that the rule asks for, then the preferred ones (French, English).
    Case("Rule.mkv", _three_languages, "made", "Spanish", file="Rule.spa.srt", says=SPANISH,
         source="spa", target="spa"),
    Case("Preferred.mp4", _french_second, "made", "Own", file="Preferred.fre.srt", says=FRENCH,
         source="fra", target="fra"),
    Case("Comment.mkv", _commentary_first, "made", "English", file="Comment.eng.srt"),
    Case("French comment.mkv", _commentary_in_french, "made", "English",
         file="French comment.eng.srt"),
    # Subtitles inside.
    Case("Inside.mkv", _with_text(Text("eng")), "left", "English", INSIDE),
    Case("Inside.mp4", _with_text(Text("eng")), "left", "English", INSIDE),
    Case("Pictures.mkv", _with_text(Text("eng", kind="pgs")), "left", "English", INSIDE),
    Case("Other inside.mkv", _with_text(Text("fre")), "made", "English",
         file="Other inside.eng.srt"),
    Case("Forced inside.mkv", _with_text(Text("eng", is_forced=True)), "made", "English",
         file="Forced inside.eng.srt"),
    Case("Forced by title.mkv", _with_text(Text("eng", title="Forced")), "made", "English",
         file="Forced by title.eng.srt"),
    # Subtitles beside, by all names that players and programs know.
    Case("Beside 1.mkv", _beside("en"), "left", "Own", EXISTS.format(r"Beside 1\.en\.srt")),
    Case("Beside 2.mkv", _beside("eng"), "left", "Own", EXISTS.format(r"Beside 2\.eng\.srt")),
    Case("Beside 3.mkv", _beside("en-GB", extension="vtt"), "left", "Own", EXISTS.format("vtt")),
    Case("Beside 4.mkv", _beside("English", extension="ass"), "left", "Own", EXISTS.format("ass")),
    Case("Beside 5.mkv", _beside("en.sdh"), "left", "Own", EXISTS.format(r"en\.sdh\.srt")),
    Case("Beside 6.mkv", _beside("default.en"), "left", "Own", EXISTS.format("srt")),
    Case("Beside 7.mkv", _beside("subgen.medium.en"), "left", "Own", EXISTS.format("srt")),
    Case("One/Film.mkv", _beside("English", folder="Subs"), "left", "Own", EXISTS.format("srt")),
    Case("Forced beside.mkv", _beside("en.forced"), "made", "English",
         file="Forced beside.eng.srt"),
    Case("French beside.mkv", _beside("fr"), "made", "English", file="French beside.eng.srt"),
    Case("Is.En.Route.mkv", _beside("de"), "made", "English", file="Is.En.Route.eng.srt"),
    # Languages that nobody told.
    Case("Untold.mkv", _speaks("", says=SPANISH), "made", "Spanish", file="Untold.spa.srt",
         says=SPANISH, source="spa", target="spa", is_heard=True),
    Case("Untold und.mkv", _speaks("und", says=LONG), "made", "English", file="Untold und.eng.srt",
         says=LONG, is_heard=True),
    Case("Untold beside.mkv", _untold_with_subtitle, "left", "Own", EXISTS.format("srt"),
         is_heard=True),
    Case("Untold.avi", _speaks("eng", says=LONG), "made", "English", file="Untold.eng.srt",
         says=LONG, is_heard=True),
    # Names.
    Case("Ночь/映画 «Ёлки» — 100% 🎬 [x].mkv", _speaks("eng"), "made", "English",
         file="Ночь/映画 «Ёлки» — 100% 🎬 [x].eng.srt"),
    Case("LOUD.MKV", _speaks("eng"), "made", "English", file="LOUD.eng.srt"),
    Case("Small.webm", _speaks("eng"), "made", "English", file="Small.eng.srt"),
    Case("Wrong end.avi", _wrong_end, "made", "English", file="Wrong end.eng.srt"),
    # What is no film, or not a whole one.
    Case("Silent film.mkv", _speaks(), "left", "Own", r"There is no audio\."),
    Case("Noise.mkv", lambda videos, _, name: videos.broken(name), "unreadable"),
    Case("Cut.mp4", lambda videos, _, name: videos.cut(name), "unreadable"),
    Case("Half.mkv", _half, "made", "English", file="Half.eng.srt"),
    Case("Empty.mkv", lambda videos, _, name: videos.empty(name), "unreadable"),
    Case("Words.mkv", lambda videos, _, name: videos.text(name), "unreadable"),
    Case("Marked/Film.mkv", _marked, "left", "English", r".*\.nosubs asks for it\."),
    Case("Words.txt", lambda videos, _, name: videos.text(name), "nothing"),
    Case(".hidden/Film.mkv", _speaks("eng"), "nothing"),
    Case("Film.ts", _speaks("ger"), "no rule"),
)  # fmt: skip
