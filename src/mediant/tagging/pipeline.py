"""The way of a track: decode, tonal, melspec, embed, heads, rhythm, moods, write.

The list of stages is data. One loop owns progress, cancelling and the time that each one took.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mediant.errors import ModelError
from mediant.jobs.watch import Watch
from mediant.kernel.clock import monotonic_s
from mediant.models.registry import Backbone
from mediant.models.suite import require_backbones
from mediant.tagging import melspec
from mediant.tagging.compose import Signal, compose
from mediant.tagging.decode import decode
from mediant.tagging.embed import embed, is_short
from mediant.tagging.energy import measure_energy
from mediant.tagging.heads import pool_embedding, score_head, score_tags, warn_dead
from mediant.tagging.projection import PROJECTIONS, find_vocabulary, project_track
from mediant.tagging.rhythm import estimate_tempo
from mediant.tagging.scores import Embedding, HeadFailure, HeadScore, PatchOutput
from mediant.tagging.tonal import estimate_key
from mediant.tagging.tools import Tools
from mediant.tagging.track import Track
from mediant.tagging.writeback import write_tags

NO_SAMPLES = np.zeros(0, np.float32)
FRONT_ENDS = {"musicnn": melspec.musicnn, "vggish": melspec.vggish}

Advance = Callable[[float], None]
"""Hears the share of the stage that is done; raises `Cancelled` when the job is to stop."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. `weight` is its usual share of the time, for the progress bar."""

    name: str
    weight: float
    apply: Callable[[Track, Tools, Advance], Track]


class Quiet:
    """A watch for work that nobody watches."""

    def report(self, fraction: float, stage: str, eta_s: float | None = None) -> None:
        """Nobody looks."""

    def log(self, level: str, text: str) -> None:
        """Nobody reads."""

    def stop_if_cancelled(self) -> None:
        """Nobody cancels."""

    def emit(self, part: object) -> None:
        """Nobody keeps it."""


def analyse(path: Path, tools: Tools, watch: Watch | None = None) -> Track:
    """Everything that can be said about one file; nothing is stored.

    MediaError when the file cannot be analysed, ModelError when no network gave anything.
    """
    return run(Track(path), tools, watch or Quiet())


def run(track: Track, tools: Tools, watch: Watch) -> Track:
    """Carry a track through every stage that it has not passed yet."""
    total = sum(stage.weight for stage in STAGES)
    before = 0.0
    for stage in STAGES:

        def advance(share: float, start: float = before, stage: Stage = stage) -> None:
            watch.stop_if_cancelled()
            watch.report((start + share * stage.weight) / total, stage.name)

        if stage.name not in track.passed:
            advance(0.0)
            track = _apply(stage, track, tools, advance)
        before += stage.weight
    watch.report(1.0, STAGES[-1].name)
    return track


def _apply(stage: Stage, track: Track, tools: Tools, advance: Advance) -> Track:
    started = monotonic_s()
    after = stage.apply(track, tools, advance)
    elapsed = {**after.elapsed_s, stage.name: monotonic_s() - started}
    return after.changed(passed=(*after.passed, stage.name), elapsed_s=elapsed)


def _decode(track: Track, tools: Tools, advance: Advance) -> Track:
    require_backbones(tools.suite)  # decoding is a fifth of the work, and would be for nothing
    recording = decode(
        track.path, tools.sandbox, tools.limits, stop_if_cancelled=lambda: advance(0.0)
    )
    return track.changed(recording=recording).flagged(*recording.warnings)


def _tonal(track: Track, _tools: Tools, _advance: Advance) -> Track:
    recording = track.recording
    if recording is None:
        return track
    key, energy = estimate_key(recording.samples), measure_energy(recording.samples)
    return track.changed(key=key, energy=energy)


def _melspec(track: Track, tools: Tools, advance: Advance) -> Track:
    kinds = dict.fromkeys(["musicnn", *(b.front_end for b in tools.suite.backbones)])
    samples = track.recording.samples if track.recording else NO_SAMPLES
    mels = {}
    for done, kind in enumerate(kinds):
        advance(done / len(kinds))
        mels[kind] = FRONT_ENDS[kind](samples)
    # Nothing after this needs the samples, which are most of a worker's memory.
    spent = track.recording and replace(track.recording, samples=NO_SAMPLES)
    return track.changed(mels=mels, recording=spent)


def _embed(track: Track, tools: Tools, advance: Advance) -> Track:
    backbones = tools.suite.backbones
    patches: dict[str, PatchOutput] = {}
    failures = list(track.failures)
    for index, backbone in enumerate(backbones):

        def inside(share: float, index: int = index) -> None:
            advance((index + share) / len(backbones))

        try:
            patches[backbone.name] = embed(
                track.mels[backbone.front_end],
                backbone,
                tools.networks.get(backbone),
                preset=tools.settings.preset,
                advance=inside,
            )
        except ModelError as failed:
            failures.append(HeadFailure(backbone.name, backbone.name, str(failed)))
    if any(is_short(track.mels[b.front_end], b) for b in backbones):
        track = track.flagged("short")
    return track.changed(patches=patches, failures=tuple(failures))


def _heads(track: Track, tools: Tools, advance: Advance) -> Track:
    scores: list[HeadScore] = []
    embeddings: list[Embedding] = []
    failures = list(track.failures)
    backbones = [b for b in tools.suite.backbones if b.name in track.patches]
    for done, backbone in enumerate(backbones):
        advance(done / len(backbones))
        output = track.patches[backbone.name]
        version = tools.networks.version(backbone)
        embeddings.append(pool_embedding(backbone, version, output))
        if output.activations is not None:
            scores.append(score_tags(backbone, version, output.activations))
        found, failed = _score_heads(backbone, output, tools)
        scores += found
        failures += failed
    if not scores:
        reasons = " ".join(failure.text for failure in failures) or "No model has labels."
        raise ModelError(f"No head gave a score. {reasons}", asset=str(track.path))
    scores += _project(scores, track)
    flags = [flag for score in scores for flag in warn_dead(score)]
    return track.changed(
        scores=tuple(scores), embeddings=tuple(embeddings), failures=tuple(failures), patches={}
    ).flagged(*flags)


def _score_heads(
    backbone: Backbone, output: PatchOutput, tools: Tools
) -> tuple[list[HeadScore], list[HeadFailure]]:
    scores: list[HeadScore] = []
    failures: list[HeadFailure] = []
    for head in tools.suite.heads_of(backbone.name):
        try:
            network, version = tools.networks.get(head), tools.networks.version(head)
            scores.append(score_head(head, network, version, output.embeddings))
        except ModelError as failed:
            failures.append(HeadFailure(head.backbone, head.name, str(failed)))
    return scores, failures


def _project(scores: list[HeadScore], track: Track) -> list[HeadScore]:
    activations = {
        vocabulary: output.activations
        for name, output in track.patches.items()
        if output.activations is not None and (vocabulary := find_vocabulary(name))
    }
    found = [project_track(projection, scores, activations) for projection in PROJECTIONS]
    return [score for score in found if score is not None]


def _rhythm(track: Track, _tools: Tools, _advance: Advance) -> Track:
    return track.changed(tempo=estimate_tempo(track.mels["musicnn"]), mels={})


def _moods(track: Track, tools: Tools, _advance: Advance) -> Track:
    words = compose(track.scores, read_signal(track), tools.terms)
    return track.changed(words=words, tags=words.tags)


def read_signal(track: Track) -> Signal:
    """What the analysis found in the sound itself."""
    tempo, key = track.tempo, track.key
    return Signal(
        tempo.bpm if tempo else None,
        key.tonic if key else None,
        key.mode if key else None,
        track.energy,
    )


def _write(track: Track, tools: Tools, _advance: Advance) -> Track:
    if tools.write is None:
        return track
    return track.changed(write=write_tags(track.path, track.tags, tools.write))


STAGES = (
    Stage("decode", 0.22, _decode),
    Stage("tonal", 0.02, _tonal),
    Stage("melspec", 0.05, _melspec),
    Stage("embed", 0.67, _embed),
    Stage("heads", 0.02, _heads),
    Stage("rhythm", 0.01, _rhythm),
    Stage("moods", 0.005, _moods),
    Stage("write", 0.005, _write),
)
"""Weights: measured shares of one core's time on real music, both built-in networks."""
