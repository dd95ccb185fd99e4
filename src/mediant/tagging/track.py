"""The value that is carried through the pipeline: one track and all that is known of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from mediant.tagging.compose import Words
from mediant.tagging.decode import Recording
from mediant.tagging.rhythm import Tempo
from mediant.tagging.scores import Embedding, HeadFailure, HeadScore, PatchOutput
from mediant.tagging.tonal import Key

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What became of the tags in the file.

    `state`: written, unchanged (it held the very same tags), skipped or failed; the last two with
    a code and a sentence.
    """

    state: Literal["written", "unchanged", "skipped", "failed"]
    mode: str
    code: str | None = None
    text: str | None = None
    keys_written: int = 0
    size: int | None = None
    mtime_ns: int | None = None
    inode: int | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One file on its way through the stages. Every stage returns a new value."""

    path: Path
    passed: tuple[str, ...] = ()
    recording: Recording | None = None
    mels: Mapping[str, Floats] = field(default_factory=dict)
    patches: Mapping[str, PatchOutput] = field(default_factory=dict)
    scores: tuple[HeadScore, ...] = ()
    embeddings: tuple[Embedding, ...] = ()
    failures: tuple[HeadFailure, ...] = ()
    tempo: Tempo | None = None
    key: Key | None = None
    energy: float | None = None
    words: Words | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    write: WriteOutcome | None = None
    elapsed_s: Mapping[str, float] = field(default_factory=dict)

    def changed(self, **fields: Any) -> Self:
        """The same track with some fields replaced."""
        return replace(self, **fields)

    def flagged(self, *flags: str) -> Self:
        """The same track with more flags; a flag stands once."""
        return replace(self, flags=tuple(dict.fromkeys([*self.flags, *flags])))
