"""Which rule a video falls under, and why. Pure.

Commentary tracks and commentary subtitles count for no language; forced subtitles cover nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mediant.kernel.languages import UNKNOWN, canonical_code
from mediant.subtitles.inspection.extensions import extension_of
from mediant.subtitles.inspection.video import ExternalSubtitle, Video
from mediant.subtitles.rules.rule import NOT_ASKED, Conditions, Rule


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether one condition of a rule holds."""

    condition: str
    """The name of its field."""
    wanted: str
    found: str
    holds: bool
    is_open: bool = False
    """Whether it may turn round once the audio that does not tell its language was heard."""

    def __str__(self) -> str:
        """One line for people."""
        verdict = "holds" if self.holds else "does not hold"
        return f"{self.condition} {self.wanted}: {verdict}, found {self.found or 'none'}."


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that a video falls under."""

    rule: Rule
    reasons: tuple[Reason, ...]
    """Of each condition that the rule asks; none for a rule without conditions."""

    @property
    def is_open(self) -> bool:
        """Whether it may be another rule once untold audio was heard."""
        return any(reason.is_open for reason in self.reasons)


def first_match(
    rules: Iterable[Rule],
    video: Video,
    external: Sequence[ExternalSubtitle],
    *,
    can_hear: bool = False,
) -> Match | None:
    """The first enabled rule of which every condition holds, or None.

    `can_hear`: audio that does not tell its language can still be heard, so that conditions on it
    are taken to hold. Where the match `is_open`, hear it and ask again; a video that fails
    otherwise, such as one that has its subtitles, is thus not listened to.
    """
    for rule in in_order(rules):
        reasons = explain(rule, video, external)
        if all(reason.holds or (can_hear and reason.is_open) for reason in reasons):
            return Match(rule, reasons)
    return None


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The enabled ones as they are asked: by priority, the highest first, then by id."""
    enabled = (rule for rule in rules if rule.is_enabled)
    return sorted(enabled, key=lambda rule: (-rule.priority, rule.id))


def explain(rule: Rule, video: Video, external: Sequence[ExternalSubtitle]) -> tuple[Reason, ...]:
    """What becomes of each condition that the rule asks, in the order of their fields."""
    facts = _Facts(video, external)
    asked = [n for n in _CHECKS if getattr(rule.conditions, n) not in NOT_ASKED]
    return tuple(_CHECKS[name](rule.conditions, facts) for name in asked)


class _Facts:
    """What the conditions ask about, in canonical codes."""

    def __init__(self, video: Video, external: Sequence[ExternalSubtitle]) -> None:
        spoken = [t.language for t in video.audio_tracks if not t.is_commentary]
        self.audio = _codes(spoken)
        self.embedded = _codes(sub.language for sub in video.embedded if sub.is_cover)
        self.external = _codes(sub.language for sub in external if not sub.is_forced)
        self.track_count = len(video.audio_tracks)
        self.extension = extension_of(video.path)
        self.has_untold = UNKNOWN in self.audio


def _audio_language_is(asked: Conditions, facts: _Facts) -> Reason:
    wanted = _code(asked.audio_language_is or "")
    holds = _has(facts.audio, wanted)
    is_open = facts.has_untold and not holds
    return Reason("audio_language_is", wanted, _show(facts.audio), holds, is_open)


def _audio_language_not(asked: Conditions, facts: _Facts) -> Reason:
    unwanted = _codes(asked.audio_language_not)
    holds = not any(_has(facts.audio, code) for code in unwanted)
    is_open = facts.has_untold and holds
    return Reason("audio_language_not", _show(unwanted), _show(facts.audio), holds, is_open)


def _audio_track_count_min(asked: Conditions, facts: _Facts) -> Reason:
    least = asked.audio_track_count_min or 0
    holds = facts.track_count >= least
    return Reason("audio_track_count_min", str(least), str(facts.track_count), holds)


def _has_embedded(asked: Conditions, facts: _Facts) -> Reason:
    wanted = _code(asked.has_embedded_subtitle_lang or "")
    holds = _has(facts.embedded, wanted)
    return Reason("has_embedded_subtitle_lang", wanted, _show(facts.embedded), holds)


def _missing_embedded(asked: Conditions, facts: _Facts) -> Reason:
    wanted = _code(asked.missing_embedded_subtitle_lang or "")
    holds = not _has(facts.embedded, wanted)
    return Reason("missing_embedded_subtitle_lang", wanted, _show(facts.embedded), holds)


def _missing_external(asked: Conditions, facts: _Facts) -> Reason:
    wanted = _code(asked.missing_external_subtitle_lang or "")
    holds = not _has(facts.external, wanted)
    return Reason("missing_external_subtitle_lang", wanted, _show(facts.external), holds)


def _file_extension(asked: Conditions, facts: _Facts) -> Reason:
    wanted = tuple(text.strip().lower().removeprefix(".") for text in asked.file_extension)
    return Reason("file_extension", _show(wanted), facts.extension, facts.extension in wanted)


_CHECKS: dict[str, Callable[[Conditions, _Facts], Reason]] = {
    "audio_language_is": _audio_language_is,
    "audio_language_not": _audio_language_not,
    "audio_track_count_min": _audio_track_count_min,
    "has_embedded_subtitle_lang": _has_embedded,
    "missing_embedded_subtitle_lang": _missing_embedded,
    "missing_external_subtitle_lang": _missing_external,
    "file_extension": _file_extension,
}


@lru_cache(maxsize=4096)
def _code(text: str) -> str:
    return canonical_code(text)


def _codes(texts: Iterable[str]) -> tuple[str, ...]:
    """In order, each once."""
    return tuple(dict.fromkeys(_code(text) for text in texts))


def _has(codes: tuple[str, ...], wanted: str) -> bool:
    """What is not known equals nothing."""
    return wanted != UNKNOWN and wanted in codes


def _show(texts: Iterable[str]) -> str:
    return ", ".join(texts)
