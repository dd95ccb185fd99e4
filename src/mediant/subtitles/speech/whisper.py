"""Recognition with faster-whisper: a Whisper in CTranslate2's form, on this machine.

Only voices are decoded. `fast` and `balanced` decode passages of up to 30 s several at once;
`best` decodes minutes in sequence, with other temperatures where the text is doubtful.
"""

import json
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline
from faster_whisper.transcribe import Segment as WhisperSegment

from mediant.errors import ModelError
from mediant.models.speech_folder import SpeechModel, read_speech_model
from mediant.subtitles.speech import detect as voting
from mediant.subtitles.speech.encoder import WindowedModel
from mediant.subtitles.speech.engine import (
    RATE,
    Advance,
    Capabilities,
    DetectWindows,
    EngineChoice,
    Finding,
    Heard,
    Segment,
    SpeechWish,
    Task,
)
from mediant.subtitles.speech.guards import LIMITS, guard
from mediant.subtitles.speech.memory import give_back, keep_freed
from mediant.subtitles.speech.samples import Samples, to_float
from mediant.subtitles.speech.vad import find_voices
from mediant.subtitles.speech.voices import (
    Passage,
    Voice,
    count_speech,
    fill,
    find_pauses,
    pack,
    pad,
)
from mediant.subtitles.words import Word

WINDOW_S = 30.0
"""What Whisper hears at once."""

SECTION_S = 300.0
"""What is decoded in sequence in one go."""

BEAM = 5
TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SILENT_GAP_S = 2.0
"""Text around a longer silence is suspected of being made up (in sequence only)."""

UNKNOWN = "und"


class WhisperEngine:
    """One loaded model."""

    def __init__(self, choice: EngineChoice) -> None:
        """Load it from its folder; nothing is ever downloaded. ModelError when it does not load."""
        self._choice = choice
        self._can_translate = _read_model(choice).can_translate
        _check_tokenizer(choice)
        if choice.device == "cpu":
            keep_freed()
        try:
            self._model = WindowedModel(
                choice.folder,
                device=choice.device,
                device_index=choice.device_index,
                compute_type=choice.compute_type,
                cpu_threads=choice.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError, LookupError) as error:
            raise ModelError(f"It cannot be loaded: {error}.", asset=choice.model) from error
        give_back()  # what loading took beside the model itself
        self._batched = BatchedInferencePipeline(self._model)

    def capabilities(self) -> Capabilities:
        """Its languages, and whether it translates."""
        tasks: set[Task] = {"transcribe"}
        if self._can_translate:
            tasks.add("translate")
        languages = frozenset(self._model.supported_languages)
        return Capabilities(
            languages=languages,
            tasks=frozenset(tasks),
            has_word_times=True,
            can_detect=len(languages) > 1,
        )

    def transcribe(self, samples: Samples, wish: SpeechWish, advance: Advance) -> Heard:
        """Recognise what is said; see the port."""
        self._check(wish)
        voices = find_voices(samples, breathe=lambda: advance(0.0))
        finding = self._find_language(samples, voices, wish, advance)
        heard = self._describe(samples, voices, finding, wish)
        if finding.language is None:
            return heard
        passages = self._plan(voices, len(samples), wish)
        decode = self._decode_sequence if wish.preset == "best" else self._decode_batches
        exact = replace(wish, language=finding.language, task=heard.task)
        found = list(decode(samples, passages, exact, advance))
        advance(len(samples) / RATE)
        known = pad(voices, len(samples)) if wish.is_vad_on else None
        language = "en" if heard.task == "translate" else finding.language
        return replace(heard, segments=tuple(guard(found, language, known)))

    def detect(self, samples: Samples, windows: DetectWindows, advance: Advance) -> Finding:
        """Vote over several windows of speech; see the port."""
        if not self._model.model.is_multilingual:
            text = "This model knows English only and cannot tell languages apart."
            remedy = "Run: mediant models pull whisper-base"
            raise ModelError(text, asset=self._choice.model, remedy=remedy)

        def find(start: int, stop: int) -> list[Voice]:
            advance(start / RATE)
            return find_voices(samples, start, stop)

        places = voting.find_places(len(samples), windows)
        length = round(windows.length_s * RATE)
        found = voting.gather(places, len(samples), length, find)
        return self._vote(samples, found, windows, advance)

    def close(self) -> None:
        """Free the model's memory."""
        self._model.model.unload_model()
        give_back()

    def _check(self, wish: SpeechWish) -> None:
        able = self.capabilities()
        if wish.task not in able.tasks:
            text = "This model cannot translate; it would write what is said."
            remedy = "Install one that can: mediant models pull whisper-base"
            raise ModelError(text, asset=self._choice.model, remedy=remedy)
        if wish.language is not None and wish.language not in able.languages:
            text = f"This model does not know the language {wish.language}."
            remedy = "Run: mediant models pull whisper-base"
            raise ModelError(text, asset=self._choice.model, remedy=remedy)

    def _find_language(
        self, samples: Samples, voices: Sequence[Voice], wish: SpeechWish, advance: Advance
    ) -> Finding:
        """As wished; else by vote, the most probable one even when it is not very sure."""
        if wish.language is not None:
            return Finding(wish.language, 1.0)
        if not voices:
            return Finding(None, 0.0)
        if not self._model.model.is_multilingual:
            return Finding("en", 0.0)  # assumed, not heard

        def find(start: int, stop: int) -> list[Voice]:
            inside = (Voice(max(one.start, start), min(one.stop, stop)) for one in voices)
            return [one for one in inside if one.length > 0]

        places = voting.find_places(len(samples), wish.detect)
        length = round(wish.detect.length_s * RATE)
        found = voting.gather(places, len(samples), length, find)
        finding = self._vote(samples, found, wish.detect, lambda _: advance(0.0))
        best = finding.probabilities[0][0] if finding.probabilities else None
        return replace(finding, language=best)

    def _vote(
        self,
        samples: Samples,
        windows: Sequence[Sequence[Voice]],
        wanted: DetectWindows,
        advance: Advance,
    ) -> Finding:
        votes = []
        for window in windows:
            sound = to_float(_splice(samples, window))
            for start in range(0, len(sound), round(WINDOW_S * RATE)):
                advance(window[-1].stop / RATE)
                part = sound[start : start + round(WINDOW_S * RATE)]
                _, _, ranked = self._model.detect_language(part)
                votes.append({language: float(share) for language, share in ranked})
        return voting.count_votes(votes, wanted.threshold)

    def _describe(
        self, samples: Samples, voices: Sequence[Voice], finding: Finding, wish: SpeechWish
    ) -> Heard:
        return Heard(
            language=finding.language or UNKNOWN,
            language_probability=finding.confidence,
            duration_s=len(samples) / RATE,
            segments=(),
            model=self._choice.model,
            device=self._choice.place,
            compute_type=self._choice.compute_type,
            task="transcribe" if finding.language == "en" else wish.task,
            speech_s=count_speech(voices) / RATE,
        )

    def _plan(self, voices: Sequence[Voice], total: int, wish: SpeechWish) -> list[Passage]:
        """What is decoded in one go: whole windows at most, or minutes with `best`."""
        longest = round((SECTION_S if wish.preset == "best" else WINDOW_S) * RATE)
        if wish.is_vad_on:
            return pack(pad(voices, total), find_pauses(voices), longest)
        parts = fill(voices, total, longest)
        return pack(parts, [0] * len(parts), longest)

    def _decode_batches(
        self, samples: Samples, passages: Sequence[Passage], wish: SpeechWish, advance: Advance
    ) -> Iterator[Segment]:
        for start in range(0, len(passages), wish.batch):
            group = passages[start : start + wish.batch]
            for passage, found in self._decode_batch(samples, group, wish):
                segment = _place(found, passage)
                if _is_doubtful(segment):
                    yield from self._decode_sequence(samples, [passage], wish, advance)
                else:
                    yield segment
            advance(group[-1].stop / RATE)

    def _decode_batch(
        self, samples: Samples, group: Sequence[Passage], wish: SpeechWish
    ) -> Iterator[tuple[Passage, WhisperSegment]]:
        """Each passage's text; times count from the passage's own beginning."""
        sound = to_float(_splice(samples, [one for passage in group for one in passage.voices]))
        begins = [0, *accumulate(passage.length for passage in group)]
        clips = [{"start": begin / RATE, "end": stop / RATE} for begin, stop in pairwise(begins)]
        found, _ = self._batched.transcribe(
            sound,
            language=wish.language,
            task=wish.task,
            beam_size=wish.beam or BEAM,
            temperature=0.0,
            initial_prompt=wish.prompt,
            word_timestamps=True,
            clip_timestamps=clips,
            batch_size=wish.batch,
        )
        for segment in found:
            # `seek` is the begin of its passage in hundredths, rounded down.
            index = bisect(begins, segment.seek / 100 * RATE + RATE / 50) - 1
            yield group[index], _shift(segment, -begins[index] / RATE)

    def _decode_sequence(
        self, samples: Samples, passages: Iterable[Passage], wish: SpeechWish, advance: Advance
    ) -> Iterator[Segment]:
        for passage in passages:
            sound = to_float(_splice(samples, passage.voices))
            found, _ = self._model.transcribe(
                sound,
                language=wish.language,
                task=wish.task,
                beam_size=wish.beam or BEAM,
                temperature=TEMPERATURES,
                compression_ratio_threshold=LIMITS.compression,
                log_prob_threshold=LIMITS.logprob,
                no_speech_threshold=LIMITS.no_speech,
                condition_on_previous_text=False,
                initial_prompt=wish.prompt,
                word_timestamps=True,
                hallucination_silence_threshold=SILENT_GAP_S,
            )
            for one in found:
                segment = _place(one, passage)
                advance(segment.end_s)
                yield segment
            advance(passage.stop / RATE)


def _read_model(choice: EngineChoice) -> SpeechModel:
    model = read_speech_model(Path(choice.folder))
    if model.problem:
        remedy = "Run: mediant models list"
        raise ModelError(model.problem, asset=choice.model, remedy=remedy)
    return model


def _check_tokenizer(choice: EngineChoice) -> None:
    """The library that reads it raises nothing narrower than Exception."""
    try:
        fields = json.loads((Path(choice.folder) / "tokenizer.json").read_bytes())
    except (OSError, ValueError) as error:
        text = f"tokenizer.json cannot be read: {error}."
        raise ModelError(text, asset=choice.model) from error
    if not isinstance(fields, dict) or "model" not in fields:
        raise ModelError("tokenizer.json is not what it should be.", asset=choice.model)


def _splice(samples: Samples, voices: Iterable[Voice]) -> Samples:
    """The voices one after the other, without what lies between."""
    parts = [samples[voice.start : voice.stop] for voice in voices]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _shift(segment: WhisperSegment, by_s: float) -> WhisperSegment:
    segment.start += by_s
    segment.end += by_s
    for word in segment.words or ():
        word.start += by_s
        word.end += by_s
    return segment


def _place(found: WhisperSegment, passage: Passage) -> Segment:
    """The port's segment, on the time line of the whole sound; numbers of numpy become plain."""
    start, end = passage.find_span(float(found.start), float(found.end))
    words = tuple(
        Word(
            one.word,
            *passage.find_span(float(one.start), float(one.end)),
            None,
            float(one.probability),
        )
        for one in found.words or ()
    )
    return Segment(
        start_s=words[0].start_s if words else start,
        end_s=words[-1].end_s if words else end,
        text=found.text,
        words=words,
        avg_logprob=float(found.avg_logprob),
        compression_ratio=float(found.compression_ratio),
        no_speech_prob=float(found.no_speech_prob),
        temperature=float(found.temperature or 0.0),
        tokens=tuple(int(token) for token in found.tokens),
    )


def _is_doubtful(segment: Segment) -> bool:
    """Whether Whisper's own decoder would try again with another temperature."""
    is_unsure = segment.avg_logprob < LIMITS.logprob and segment.no_speech_prob <= LIMITS.no_speech
    return is_unsure or segment.compression_ratio > LIMITS.compression
