"""How far a transcription is."""

import pytest

from mediant.errors import Cancelled
from mediant.subtitles.transcribe.stages import DETECTION_SPANS, SPANS, Pace, Stages


class Seen:
    """A watch that remembers."""

    def __init__(self, cancel_after: int = 10_000) -> None:
        self.reports: list[tuple[float, str, float | None]] = []
        self.left = cancel_after

    def report(self, fraction, stage, eta_s=None):
        self.reports.append((round(fraction, 4), stage, eta_s))

    def stop_if_cancelled(self):
        self.left -= 1
        if self.left < 0:
            raise Cancelled

    def log(self, level, text): ...

    def emit(self, part): ...


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_stages_follow_one_another_and_fill_the_whole():
    assert next(iter(SPANS)) == "pending"
    for spans in (SPANS, DETECTION_SPANS):
        assert all(low <= high for low, high in spans.values())
    ends = [low for low, _ in SPANS.values()]
    assert ends == sorted(ends)
    assert SPANS["transcribing"] == (0.15, 0.75)
    assert SPANS["finalizing"][1] == 1.0


def test_progress_is_linear_in_the_audio_and_never_falls():
    seen, clock = Seen(), Clock()
    stages = Stages(seen, Pace(), clock=clock)
    stages.audio_s = 100.0
    stages.begin("transcribing")
    for seconds in (50.0, 0.0, 75.0, 200.0):
        clock.now += 1
        stages.advance_s(seconds)
    assert [fraction for fraction, _, _ in seen.reports] == [0.15, 0.45, 0.45, 0.6, 0.75]


def test_the_time_left_comes_from_the_measured_speed_and_what_is_usual_later():
    seen, clock = Seen(), Clock()
    pace = Pace({"translating": 0.2, "finalizing": 0.05})
    stages = Stages(seen, pace, clock=clock)
    stages.audio_s = 100.0
    stages.begin("transcribing")
    assert seen.reports[-1][2] is None
    clock.now = 10.0
    stages.advance_s(25.0)
    # 25 s in 10 s: 30 s for the other 75 s, then 20 s and 5 s.
    assert seen.reports[-1][2] == pytest.approx(55.0)
    clock.now = 40.0
    stages.begin("translating")
    assert pace.means["transcribing"] == pytest.approx(0.4)
    assert seen.reports[-1][2] == pytest.approx(25.0)


def test_a_cancel_is_heeded_at_every_report():
    stages = Stages(Seen(cancel_after=1), Pace())
    stages.begin("pending")
    with pytest.raises(Cancelled):
        stages.advance(0.5)
