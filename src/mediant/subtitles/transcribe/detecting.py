"""What a worker does to find out which language is spoken in a file. No database here."""

from collections.abc import Mapping
from typing import Any

from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s
from mediant.kernel.languages import canonical_code
from mediant.subtitles.transcribe.hearing import KeptHearing
from mediant.subtitles.transcribe.media import find_media, hear_sound
from mediant.subtitles.transcribe.order import read_order
from mediant.subtitles.transcribe.stages import DETECTION_SPANS, Pace, Stages

PACE = "pace of detections"
NOT_SURE = "No language could be told."


def detect(payload: Mapping[str, Any], watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Listen to the track that would be transcribed, and vote.

    The result holds what was `heard`, and the `summary` that people see. Raises MediaError,
    Forbidden, ModelError and Unavailable.
    """
    began = monotonic_s()
    order = read_order(payload)
    hearing = KeptHearing(order, tools, watch.log)
    stages = Stages(watch, tools.get(PACE, Pace), DETECTION_SPANS)
    stages.begin("pending")
    media = find_media(order, hearing)
    stages.begin("loading_model")
    engine = hearing.open_engine("transcribe", None)
    samples = hear_sound(media, hearing, stages)
    stages.begin("detecting_language")
    finding = engine.detect(samples, order.windows, stages.advance_s)
    language = canonical_code(finding.language) if finding.language else None
    stages.end()
    return {
        "heard": media.describe_heard(language, float(finding.confidence)),
        "summary": {
            "source_lang": language,
            "language_confidence": float(finding.confidence),
            "track": media.track.index,
            "note": None if language else NOT_SURE,
            "seconds": round(monotonic_s() - began, 3),
        },
    }
