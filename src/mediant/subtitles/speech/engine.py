"""What any recogniser of speech offers, and the values that go in and come out.

Light to import: neither numpy nor a recogniser is loaded by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mediant.subtitles.words import Word

if TYPE_CHECKING:
    from mediant.subtitles.speech.samples import Samples

RATE = 16_000
"""Samples a second."""

Task = Literal["transcribe", "translate"]
Preset = Literal["fast", "balanced", "best"]
DeviceKind = Literal["cpu", "cuda"]
Advance = Callable[[float], None]
"""Is told how many seconds of the sound are done; what it raises ends the work at once."""


@dataclass(frozen=True, slots=True)
class DetectWindows:
    """In which parts of the speech a language is listened for."""

    length_s: float = 30.0
    offset_s: float = 0.0
    """Speech before it is not listened to, where there is enough behind it."""
    count: int = 3
    threshold: float = 0.5
    """Less sure than that, and no language is named."""


@dataclass(frozen=True, slots=True)
class SpeechWish:
    """What is wanted of one recognition."""

    task: Task = "transcribe"
    """`translate` gives English, whatever is spoken."""
    language: str | None = None
    """Whisper's code of the spoken language; None: found out first."""
    preset: Preset = "balanced"
    prompt: str | None = None
    """Names and words to expect."""
    beam: int | None = None
    """Hypotheses kept while decoding; None: as the preset has it."""
    batch: int = 8
    """Stretches of speech decoded at once (not with `best`)."""
    is_vad_on: bool = True
    """Whether only those stretches are decoded in which voices are found."""
    detect: DetectWindows = DetectWindows()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the recogniser decoded it. Times in seconds of the sound."""

    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.0
    temperature: float = 0.0
    tokens: tuple[int, ...] = ()

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Segment:
        """What `Heard.to_dict` made of it."""
        words = tuple(Word(**word) for word in fields["words"])
        return cls(**{**fields, "words": words, "tokens": tuple(fields["tokens"])})


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, and by which model it was heard."""

    language: str
    """Whisper's code of the spoken language; English text when the task was `translate`."""
    language_probability: float
    """1.0 when the language was given."""
    duration_s: float
    """Of the sound."""
    segments: tuple[Segment, ...]
    model: str
    """The one that really ran."""
    device: str
    """`cpu`, `cuda:0`, ... or `remote`."""
    compute_type: str
    task: Task = "transcribe"
    speech_s: float | None = None
    """Seconds in which voices were found; None when nobody looked."""

    @property
    def words(self) -> list[Word]:
        """All words, in order."""
        return [word for segment in self.segments for word in segment.words]

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "".join(segment.text for segment in self.segments).strip()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for msgpack and JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Heard:
        """The reverse of `to_dict`."""
        return cls(**{**fields, "segments": tuple(map(Segment.from_dict, fields["segments"]))})


@dataclass(frozen=True, slots=True)
class Finding:
    """Which language is spoken."""

    language: str | None
    """Whisper's code; None when it is not sure enough, or nobody speaks."""
    confidence: float
    """0..1, of the most probable language, averaged over all windows."""
    probabilities: tuple[tuple[str, float], ...] = ()
    """The five most probable, best first."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one recogniser can do."""

    languages: frozenset[str]
    """Whisper's codes."""
    tasks: frozenset[Task]
    has_word_times: bool
    can_detect: bool
    longest_s: float | None = None
    """Of one sound; None: any length."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which model runs where."""

    model: str
    """Its name, as it is shown."""
    folder: str
    """Where its files lie; for `remote` the server's address."""
    device: DeviceKind | Literal["remote"] = "cpu"
    device_index: int = 0
    compute_type: str = "int8"
    threads: int = 4
    wanted: str = ""
    """The name that was asked for, when another one had to take its place."""

    @property
    def key(self) -> str:
        """Names the loaded model among the tools of a worker."""
        return f"{self.model}|{self.folder}|{self.place}|{self.compute_type}|{self.threads}"

    @property
    def place(self) -> str:
        """`cpu`, `cuda:0`, ... or `remote`."""
        return f"cuda:{self.device_index}" if self.device == "cuda" else self.device


class SpeechEngine(Protocol):
    """A recogniser of speech. One call at a time; it belongs to one worker."""

    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def transcribe(self, samples: Samples, wish: SpeechWish, advance: Advance) -> Heard:
        """Recognise what is said.

        Raises ModelError when it cannot do what is wished, Unavailable when it cannot be reached,
        and whatever `advance` raises, at once.
        """
        ...

    def detect(self, samples: Samples, windows: DetectWindows, advance: Advance) -> Finding:
        """Find out which language is spoken, by vote over several windows of speech."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...
