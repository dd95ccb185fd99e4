"""What becomes of a media file: the first rule that fits, reasons against it, a job. Pure, but for
the file's real path, by which jobs are told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from mediant.jobs.job import NewJob
from mediant.kernel.languages import UNKNOWN, canonical_code
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.inspection.video import AudioTrack, Video
from mediant.subtitles.rules.audio_track import choose_track
from mediant.subtitles.rules.match import first_match
from mediant.subtitles.rules.rule import Rule
from mediant.subtitles.rules.skips import FolderMarks, why_skip
from mediant.subtitles.scanning.beside import Beside
from mediant.subtitles.transcribe.wish import Wish, detection_job

SILENT = "zxx"
"""Code of a file in which nobody speaks; ISO 639-2 calls that no linguistic content."""
NO_AUDIO = "There is no audio."
NO_SPEECH = "Nobody speaks in it."
NO_TARGET = "Its language is not known, and the rule wants subtitles in that."


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rule that fits, if any, and then either a job or a reason against it.

    A rule that asks for a language counts as fitting while the file's is not known yet: the job
    then hears it, and all rules are asked again.
    """

    rule: Rule | None = None
    reason: str | None = None
    job: NewJob | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the rules and the settings; `written` are our own files by video, `spoken` the heard
    languages by path (`und`: none was understood, `SILENT`: nobody speaks)."""

    rules: Sequence[Rule]
    settings: SubtitlesSettings
    written: Mapping[str, frozenset[str]] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)

    def judge(self, video: Video, beside: Beside) -> Judgement:
        """What becomes of one file."""
        untold = find_untold(video, self.settings)
        told = self._tell(video, untold)
        # What was told now needs no hearing, and neither does what gave nothing when it was heard.
        can_hear = untold is not None and told is video and video.path not in self.spoken
        match = first_match(self.rules, told, beside.external, can_hear=can_hear)
        if match is None:
            return Judgement()
        is_open = can_hear and match.is_open
        return self._plan(match.rule, told, beside, is_open=is_open, can_hear=can_hear)

    def tell_language(self, video: Video) -> Video:
        """The video with what was heard, or what the settings say, where its container says
        nothing."""
        return self._tell(video, find_untold(video, self.settings))

    def _tell(self, video: Video, untold: AudioTrack | None) -> Video:
        forced = self.settings.force_detected_language_to
        code = canonical_code(forced or self.spoken.get(video.path))
        if code == UNKNOWN or untold is None:
            return video
        tracks = [
            replace(one, language=code) if one.index == untold.index else one
            for one in video.audio_tracks
        ]
        return replace(video, audio_tracks=tuple(tracks))

    def _plan(
        self, rule: Rule, video: Video, beside: Beside, *, is_open: bool, can_hear: bool
    ) -> Judgement:
        asked, wanted = rule.conditions.audio_language_is, rule.action.target_language
        track = choose_track(video, asked, self.settings, wanted)
        if track is None:
            return Judgement(rule, NO_AUDIO)
        source = canonical_code(track.language)
        target = wanted or source
        reason = self._why_skip(video, beside, target)
        if reason is not None:
            return Judgement(rule, reason)
        if self.spoken.get(video.path) == SILENT:
            return Judgement(rule, NO_SPEECH)
        if is_open or (can_hear and source == UNKNOWN):
            return Judgement(rule, job=detection_job(video.path, self.settings))
        if target == UNKNOWN:
            return Judgement(rule, NO_TARGET)
        wish = Wish(
            video.path,
            target,
            None if source == UNKNOWN else source,
            preset=rule.action.quality_preset,
            mode=rule.action.action_type,
            priority=rule.action.job_priority,
            is_manual=False,
            track=track.index,
        )
        return Judgement(rule, job=wish.new_job(self.settings))

    def _why_skip(self, video: Video, beside: Beside, target: str) -> str | None:
        ours = self.written.get(video.path, frozenset())
        marks = FolderMarks(beside.marker, beside.names_in(PurePosixPath(video.path).parent))
        return why_skip(video, beside.external, target, self.settings, ours, marks)


def find_untold(video: Video, settings: SubtitlesSettings) -> AudioTrack | None:
    """The audio track that is to be heard: the one that is taken, where it does not tell its
    language."""
    taken = choose_track(video, None, settings)
    is_told = taken is None or canonical_code(taken.language) != UNKNOWN
    return None if is_told else taken
