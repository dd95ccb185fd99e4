"""What a worker works with: sandboxes, recognisers and translators, kept between jobs."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mediant.errors import ModelError
from mediant.jobs.sandbox import Sandbox
from mediant.jobs.watch import Toolbox
from mediant.kernel.ids import hash_secret
from mediant.kernel.languages import find_language
from mediant.models.speech_names import is_pullable
from mediant.subtitles.inspection.inspect import inspect_video, open_sandbox
from mediant.subtitles.inspection.video import Video
from mediant.subtitles.speech.audio import decode_speech, make_sandbox
from mediant.subtitles.speech.choose import Need, choose_engine, open_engine, parse_device
from mediant.subtitles.speech.engine import EngineChoice, SpeechEngine, Task
from mediant.subtitles.speech.samples import Samples
from mediant.subtitles.transcribe.order import Order
from mediant.subtitles.translate import Computing, Route, Step, Translator, open_translator
from mediant.subtitles.translate import find_route as find_way

SANDBOX_IDLE_S = 60.0
"""A child process that reads files ends after so long without work."""


class Hearing(Protocol):
    """Everything that a transcription needs of the outside."""

    def inspect(self, path: Path) -> Video:
        """What the container says; MediaError."""
        ...

    def decode(self, path: Path, stream_index: int, advance: Callable[[float], None]) -> Samples:
        """The sound of one stream on the container's time line; MediaError."""
        ...

    def find_route(self, source: str, target: str, *, whisper_can: bool = True) -> Route:
        """The way from the spoken language to the wanted one, perhaps without what Whisper can;
        ModelError."""
        ...

    def open_engine(self, task: Task, language: str | None) -> SpeechEngine:
        """A recogniser that can do the task, loaded; `language` is Whisper's code. ModelError."""
        ...

    def open_step(self, step: Step) -> Translator:
        """A translator, loaded; ModelError."""
        ...


@dataclass(frozen=True, slots=True)
class KeptHearing:
    """`Hearing` out of a worker's toolbox."""

    order: Order
    tools: Toolbox
    log: Callable[[str, str], None]
    """Level and text, for people."""

    def inspect(self, path: Path) -> Video:
        """What the container says."""
        return inspect_video(path, self._sandbox("inspection", open_sandbox))

    def decode(self, path: Path, stream_index: int, advance: Callable[[float], None]) -> Samples:
        """The sound of one stream."""
        sandbox = self._sandbox("decoder of speech", make_sandbox)
        return decode_speech(path, sandbox, stream_index=stream_index, advance=advance)

    def find_route(self, source: str, target: str, *, whisper_can: bool = True) -> Route:
        """The way from the spoken language to the wanted one.

        Who wants the spoken text as well gets it where the translation starts from it; where only
        Whisper can translate, it does so while it listens, and there is no such text.
        """
        order = self.order
        if order.keeps_source:
            with contextlib.suppress(ModelError):
                return find_way(source, target, order.models, order.settings, whisper_can=False)
        whisper_can = whisper_can and self._can_translate(source)
        return find_way(source, target, order.models, order.settings, whisper_can)

    def open_engine(self, task: Task, language: str | None) -> SpeechEngine:
        """A recogniser that can do the task, loaded."""
        choice = self._choose(task, language)
        key = self.order.settings.openai_key.get_secret_value()
        if choice.wanted:
            text = f"The model {choice.wanted} is not installed; {choice.model} takes its place."
            if is_pullable(choice.wanted):
                text += f" To have it, run: mediant models pull {choice.wanted}"
            self.log("warning", text)
        # A changed key acts at once: whoever was opened with the old one is not asked again.
        name = f"speech:{choice.key}|{hash_secret(key)}"
        return self.tools.get(name, lambda: open_engine(choice, api_key=key), self.order.idle_s)

    def open_step(self, step: Step) -> Translator:
        """A translator, loaded."""
        settings = self.order.settings
        choice = self._computing()
        key = settings.translation_key.get_secret_value()
        where = hash_secret(f"{settings.translation_url} {key}")
        return self.tools.get(
            f"translator:{step.key}|{choice}|{where}",
            lambda: open_translator(step, settings, choice),
            self.order.idle_s,
        )

    def _can_translate(self, source: str) -> bool:
        found = find_language(source)
        try:
            self._choose("translate", found.whisper_code if found else None)
        except ModelError:
            return False
        return True

    def _choose(self, task: Task, language: str | None) -> EngineChoice:
        order = self.order
        need = Need(order.preset, task, language)
        return choose_engine(need, order.settings, order.models, device=self.tools.device)

    def _computing(self) -> Computing:
        """On the same device as the recogniser."""
        settings = self.order.settings
        kind, index = parse_device(self.tools.device or settings.transcribe_device)
        is_gpu = kind == "cuda"
        asked = settings.gpu_compute_type if is_gpu else settings.cpu_compute_type
        arithmetic = "default" if asked == "auto" else asked
        return Computing(kind, index, arithmetic, settings.whisper_threads)

    def _sandbox(self, name: str, make: Callable[[], Sandbox]) -> Sandbox:
        return self.tools.get(name, make, SANDBOX_IDLE_S)
