"""A finished track as values that travel from the worker to the server."""

from typing import Any

from mediant.tagging.compose import Words, explain
from mediant.tagging.scores import Embedding, HeadScore
from mediant.tagging.tools import Tools
from mediant.tagging.track import Track, WriteOutcome

STORED_FLOAT = "<f4"


def pack_track(track: Track, tools: Tools) -> dict[str, Any]:
    """Everything that `results` stores, as msgpack values.

    Without audio `analysis` is None; `recomposed` then holds new words for stored scores, if any.
    """
    return {
        "file": str(track.path),
        "analysis": _pack_analysis(track, tools) if track.recording is not None else None,
        "recomposed": _pack_words(track.words, tools) if track.recording is None else None,
        "tags": {key: list(values) for key, values in track.tags.items()},
        "write": pack_write(track.write),
        "failures": [
            {"model": failure.model, "head": failure.name, "text": failure.text}
            for failure in track.failures
        ],
        "stages_s": {name: round(spent, 4) for name, spent in track.elapsed_s.items()},
    }


def _pack_analysis(track: Track, tools: Tools) -> dict[str, Any]:
    recording, tempo, key = track.recording, track.tempo, track.key
    return {
        "suite": tools.suite.version,
        "preset": tools.settings.preset,
        "calibration": tools.calibration.name,
        "duration_s": recording.duration_s if recording else None,
        "tempo_bpm": tempo.bpm if tempo else None,
        "tempo_confidence": tempo.confidence if tempo else None,
        "key": key.tonic if key else None,
        "mode": key.mode if key else None,
        "key_strength": key.strength if key else None,
        "energy": track.energy,
        "decoder": recording.decoder if recording else None,
        "flags": list(track.flags),
        "media": pack_media(track),
        "scores": [pack_score(score) for score in track.scores],
        "embeddings": [pack_embedding(embedding) for embedding in track.embeddings],
        "explanation": explain(track.words, tools.calibration) if track.words else None,
    }


def _pack_words(words: Words | None, tools: Tools) -> dict[str, Any] | None:
    if words is None:
        return None
    calibration = tools.calibration
    return {"calibration": calibration.name, "explanation": explain(words, calibration)}


def pack_media(track: Track) -> dict[str, Any]:
    """What the container says, the file's own tags included."""
    recording = track.recording
    if recording is None:
        return {}
    return {
        "container": recording.container,
        "codec": recording.codec,
        "duration_s": recording.duration_s,
        "sample_rate": recording.sample_rate,
        "channels": recording.channels,
        "bit_rate": recording.bit_rate,
        "tags": dict(recording.tags),
    }


def pack_score(score: HeadScore) -> dict[str, Any]:
    """One head: its identity, and float32 [6, labels] as bytes."""
    return {
        "model": score.model,
        "name": score.name,
        "version": score.version,
        "kind": score.kind,
        "labels": list(score.labels),
        "patches": score.pooled.patches,
        "stats": score.pooled.stats.astype(STORED_FLOAT).tobytes(),
    }


def pack_embedding(embedding: Embedding) -> dict[str, Any]:
    """One vector as bytes."""
    return {
        "model": embedding.model,
        "version": embedding.version,
        "dim": len(embedding.vector),
        "vector": embedding.vector.astype(STORED_FLOAT).tobytes(),
    }


def pack_write(outcome: WriteOutcome | None) -> dict[str, Any] | None:
    """What became of the file."""
    if outcome is None:
        return None
    return {
        "state": outcome.state,
        "mode": outcome.mode,
        "code": outcome.code,
        "text": outcome.text,
        "keys_written": outcome.keys_written,
    }
