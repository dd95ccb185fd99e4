"""How far a transcription is: the names of its stages, their share, and the time that is left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from mediant.jobs.watch import Watch
from mediant.kernel.clock import monotonic_s

Stage = Literal[
    "pending",
    "loading_model",
    "extracting_audio",
    "detecting_language",
    "transcribing",
    "translating",
    "generating_subtitles",
    "finalizing",
]

SPANS: dict[Stage, tuple[float, float]] = {
    "pending": (0.0, 0.0),
    "loading_model": (0.05, 0.05),
    "extracting_audio": (0.10, 0.12),
    "detecting_language": (0.12, 0.15),
    "transcribing": (0.15, 0.75),
    "translating": (0.75, 0.88),
    "generating_subtitles": (0.88, 0.90),
    "finalizing": (0.90, 1.0),
}
"""Where each stage begins and ends in the whole of a transcription, 0..1."""

DETECTION_SPANS: dict[Stage, tuple[float, float]] = {
    **SPANS,
    "detecting_language": (0.2, 1.0),
}
"""The same when nothing but the language is asked."""

_WEIGHT = 0.3
"""Of the newest measurement in a running mean."""


@dataclass(slots=True)
class Pace:
    """Seconds that each stage took for a second of audio, as a running mean over jobs."""

    means: dict[Stage, float] = field(default_factory=dict)

    def learn(self, stage: Stage, spent_s: float, audio_s: float) -> None:
        """Take in one measurement."""
        if audio_s <= 0:
            return
        new = spent_s / audio_s
        old = self.means.get(stage, new)
        self.means[stage] = old + _WEIGHT * (new - old)

    def after(self, stage: Stage, audio_s: float) -> float:
        """Seconds that the stages behind `stage` will take, as far as they are known."""
        names = list(SPANS)
        later = names[names.index(stage) + 1 :]
        return audio_s * sum(self.means.get(name, 0.0) for name in later)


class Stages:
    """Reports stages to a job's watch, and raises `Cancelled` at every report if asked to."""

    def __init__(
        self,
        watch: Watch,
        pace: Pace,
        spans: dict[Stage, tuple[float, float]] = SPANS,
        clock: Callable[[], float] = monotonic_s,
    ) -> None:
        self._watch = watch
        self._pace = pace
        self._spans = spans
        self._clock = clock
        self._stage: Stage | None = None
        self._began = 0.0
        self._share = 0.0
        self.audio_s = 0.0
        """Length of the sound, once it is known."""

    def begin(self, stage: Stage) -> None:
        """A stage begins, and the one before it has ended."""
        self.end()
        self._stage, self._began, self._share = stage, self._clock(), 0.0
        self.advance(0.0)

    def advance(self, share: float) -> None:
        """So much of the stage is done, 0..1; what is less than before only shows life."""
        self._watch.stop_if_cancelled()
        if self._stage is None:
            return
        low, high = self._spans[self._stage]
        share = self._share = min(1.0, max(self._share, share))
        self._watch.report(low + (high - low) * share, self._stage, self._left_s(share))

    def advance_s(self, seconds: float) -> None:
        """The same in seconds of the sound."""
        self.advance(seconds / self.audio_s if self.audio_s > 0 else 0.0)

    def end(self) -> None:
        """The present stage is over; what it took is remembered."""
        if self._stage is not None:
            self._pace.learn(self._stage, self._clock() - self._began, self.audio_s)
        self._stage = None

    def _left_s(self, share: float) -> float | None:
        if self._stage is None or self.audio_s <= 0:
            return None
        spent = self._clock() - self._began
        usual = self._pace.means.get(self._stage)
        if share > 0:
            here = spent / share * (1 - share)
        elif usual is not None:
            here = usual * self.audio_s
        else:
            return None
        return here + self._pace.after(self._stage, self.audio_s)
