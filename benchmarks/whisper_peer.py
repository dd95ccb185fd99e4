"""Plain faster-whisper in its batched mode, in this process or in one of its own.

A process of its own has the memory settings that a plain Python program has; Mediant changes those
of the process that recognises (`mediant.subtitles.speech.memory`), and a peer in it would gain.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, TypeVar

from faster_whisper import BatchedInferencePipeline, WhisperModel

from mediant.subtitles import Cue
from mediant.subtitles.speech.engine import RATE
from mediant.subtitles.speech.samples import Samples, to_float

Result = TypeVar("Result")

WARM_UP = 60 * RATE
"""Samples that everybody hears once before anything is measured."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What plain faster-whisper gives."""

    text: str
    cues: list[Cue]
    """Its segments as cues."""
    windows: int
    """That it found text in."""


@dataclass(frozen=True, slots=True)
class PeerSetup:
    """The same for both sides."""

    folder: str
    threads: int
    beam: int
    batch: int


@dataclass(frozen=True, slots=True)
class Turn(Generic[Result]):
    """One run and what it took."""

    result: Result
    seconds: float
    cpu_seconds: float
    """Of all threads of its process."""


def take_turn(run: Callable[[], Result]) -> Turn[Result]:
    """Run it once, in this process."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    result = run()
    return Turn(result, time.perf_counter() - begin, time.process_time() - begin_cpu)


class PlainWhisper:
    """Batched faster-whisper as its authors set it up."""

    def __init__(self, setup: PeerSetup) -> None:
        """Load the model."""
        self._setup = setup
        self._pipeline = BatchedInferencePipeline(
            WhisperModel(setup.folder, device="cpu", compute_type="int8", cpu_threads=setup.threads)
        )

    def hear(self, samples: Samples, *, with_words: bool) -> Peer:
        """Spanish; the first temperature only, as its batched mode has it."""
        segments, _ = self._pipeline.transcribe(
            to_float(samples),
            language="es",
            beam_size=self._setup.beam,
            batch_size=self._setup.batch,
            word_timestamps=with_words,
            temperature=0.0,
        )
        found = list(segments)
        cues = [
            Cue(round(one.start * 1000), round(one.end * 1000), (one.text.strip(),))
            for one in found
        ]
        return Peer("".join(one.text for one in found), cues, len({one.seek for one in found}))


class PlainProcess:
    """The same in a process of its own, which measures itself."""

    def __init__(self, setup: PeerSetup, samples: Samples) -> None:
        """Start it; it is warm and has the sound before its first turn."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, setup, samples), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()

    def __enter__(self) -> "PlainProcess":
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End it."""
        self._pipe.close()
        self._process.join()

    def take_turn(self, *, with_words: bool) -> Turn[Peer]:
        """One run over there."""
        self._pipe.send(with_words)
        turn: Turn[Peer] = self._pipe.recv()
        return turn


def _serve(pipe: Connection, setup: PeerSetup, samples: Samples) -> None:
    plain = PlainWhisper(setup)
    plain.hear(samples[:WARM_UP], with_words=True)
    pipe.send("ready")
    while True:
        try:
            with_words: bool = pipe.recv()
        except EOFError:
            return
        pipe.send(take_turn(partial(plain.hear, samples, with_words=with_words)))
