"""What a worker does for a subtitle: hear, translate, cut into cues, write. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mediant.errors import ModelError
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s
from mediant.kernel.languages import UNKNOWN, find_language
from mediant.subtitles.cue import Cue
from mediant.subtitles.cues import make_cues
from mediant.subtitles.formats import write_cues
from mediant.subtitles.speech.engine import Heard, SpeechEngine, SpeechWish
from mediant.subtitles.speech.samples import Samples
from mediant.subtitles.transcribe.destination import (
    check_folder,
    choose_path,
    form_of,
    make_folder,
)
from mediant.subtitles.transcribe.english import keep_english
from mediant.subtitles.transcribe.file import (
    Authorship,
    check_free,
    discard_leftover,
    write_subtitle,
)
from mediant.subtitles.transcribe.hearing import Hearing, KeptHearing
from mediant.subtitles.transcribe.highlight import MARKABLE, write_marked
from mediant.subtitles.transcribe.kept_source import why_no_source
from mediant.subtitles.transcribe.limits import rules_for
from mediant.subtitles.transcribe.media import (
    Media,
    Spoken,
    find_media,
    hear_language,
    hear_sound,
    known_language,
)
from mediant.subtitles.transcribe.onsets import mend_onsets
from mediant.subtitles.transcribe.order import Order, read_order
from mediant.subtitles.transcribe.stages import Pace, Stages
from mediant.subtitles.transcribe.vram import read_vram_mb
from mediant.subtitles.transcribe.way import describe_way, tell_way
from mediant.subtitles.translate import Route, translate_heard
from mediant.subtitles.words import Word

Payload = Mapping[str, Any]

PACE = "pace of transcriptions"
NO_SPEECH = "No speech was found."
BROKEN = "\ufffd"


def transcribe(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Write the subtitle of one media file.

    The result holds `files` that were written, the `heard` language if it was found out, and the
    `summary` that people see. Raises MediaError, Forbidden, SubtitleExists, ModelError,
    Unavailable and WriteError; nothing half-written stays behind.
    """
    order = read_order(payload)
    stages = Stages(watch, tools.get(PACE, Pace))
    return Transcription(order, KeptHearing(order, tools, watch.log), stages, watch).run()


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one language, to become one file."""

    language: str
    words: list[Word]


class Transcription:
    """One job, from the file to the file."""

    def __init__(self, order: Order, hearing: Hearing, stages: Stages, watch: Watch) -> None:
        self._order = order
        self._hearing = hearing
        self._stages = stages
        self._watch = watch

    def run(self) -> dict[str, Any]:
        """Everything, in order; see `transcribe`."""
        began = monotonic_s()
        order, stages = self._order, self._stages
        stages.begin("pending")
        media = find_media(order, self._hearing)
        check_folder(order)
        known = known_language(order, media)
        route = self._find_route(media, known) if known else None
        if order.is_trial:
            return {"summary": self._describe_trial(media, known, route)}
        stages.begin("loading_model")
        engine = self._open("transcribe" if route is None else route.task, known)
        samples = hear_sound(media, self._hearing, stages)
        spoken = Spoken(known) if known else self._find_language(samples, engine)
        facts = {"source_lang": spoken.language, "language_confidence": spoken.confidence}
        if spoken.language is None:
            return self._end_silent(media, facts, began)
        if route is None:
            route = self._find_route(media, spoken.language)
            engine = self._open(route.task, spoken.language)
        heard, route = self._hear_truly(engine, samples, route)
        del samples
        facts |= {"target_lang": route.target, **_describe_engine(heard)}
        if not heard.text:
            return self._end_silent(media, facts, began)
        files, n_cues = self._write_all(media, heard, route)
        told = self._tell_way(route, heard.model)
        stages.end()
        summary = {
            **_summarise(facts, began),
            "output_path": files[-1]["path"],
            "segments_count": n_cues,
            "source_path": files[0]["path"] if len(files) > 1 else None,
            **told,
        }
        return {"files": files, "heard": _heard(media, spoken), "summary": summary}

    def _tell_way(self, route: Route, model: str | None) -> dict[str, Any]:
        """How the sound became subtitles, in the job's log and for its summary."""
        way = describe_way(route, model)
        self._watch.log("info", tell_way(way))
        return {"way": way, **self._note(route)}

    def _note(self, route: Route) -> dict[str, str]:
        """What is to be said about a wish that this way cannot fulfil."""
        note = why_no_source(route, keeps_source=self._order.keeps_source)
        if note is None:
            return {}
        self._watch.log("warning", note)
        return {"note": note}

    def _find_route(self, media: Media, source: str) -> Route:
        """The way to the wanted language; before that, that its file may be written at all."""
        target = source if self._order.target == UNKNOWN else self._order.target
        path = choose_path(self._order, target, is_video=media.video.is_video)
        discard_leftover(path)
        check_free(path, self._authorship(target, path))
        return self._hearing.find_route(source, target)

    def _open(self, task: Any, language: str | None) -> SpeechEngine:
        code = None
        if language is not None:
            found = find_language(language)
            code = found.whisper_code if found else None
            if code is None:
                raise ModelError(f"No speech model knows the language {language}.")
        return self._hearing.open_engine(task, code)

    def _find_language(self, samples: Samples, engine: SpeechEngine) -> Spoken:
        spoken = hear_language(samples, engine, self._order, self._stages)
        if not spoken.is_heard:
            self._watch.log(
                "warning",
                f"The model knows one language only; {spoken.language} was assumed, not heard.",
            )
        return spoken

    def _hear_truly(
        self, engine: SpeechEngine, samples: Samples, route: Route
    ) -> tuple[Heard, Route]:
        """What was said, and the way that was gone: a translation that is none is not taken."""
        heard = mend_onsets(self._hear(engine, samples, route), samples)
        if route.task == "transcribe" or not heard.text:
            return heard, route
        english, n_foreign = keep_english(heard, route.source)
        if not n_foreign:
            return heard, route
        name = find_language(route.source)
        text = f"{heard.model} wrote {name.name if name else route.source} instead of English"
        if english.text:
            self._watch.log("warning", f"{text} in {n_foreign} passages; they are left out.")
            return english, route
        self._watch.log("warning", f"{text}; its translation is not used.")
        other = self._hearing.find_route(route.source, route.target, whisper_can=False)
        engine = self._open("transcribe", route.source)
        return mend_onsets(self._hear(engine, samples, other), samples), other

    def _hear(self, engine: SpeechEngine, samples: Samples, route: Route) -> Heard:
        self._stages.begin("transcribing")
        found = find_language(route.source)
        wish = SpeechWish(
            task=route.task,
            language=found.whisper_code if found else None,
            preset=self._order.preset,
            detect=self._order.windows,
        )
        return engine.transcribe(samples, wish, self._stages.advance_s)

    def _write_all(
        self, media: Media, heard: Heard, route: Route
    ) -> tuple[list[dict[str, Any]], int]:
        """The files, that of the target last, and how many cues that has."""
        stages = self._stages
        if route.steps:
            stages.begin("translating")
        words = translate_heard(heard, route, self._hearing.open_step, stages.advance)
        texts = [Text(route.target, words)]
        if self._order.keeps_source and route.steps and route.task == "transcribe":
            texts.insert(0, Text(route.source, heard.words))
        stages.begin("generating_subtitles")
        made = [(text.language, self._cut(text)) for text in texts]
        stages.begin("finalizing")
        files = [self._write(media, language, cues) for language, cues in made]
        return files, len(made[-1][1])

    def _cut(self, text: Text) -> list[Cue]:
        rules = rules_for(text.language, self._order.settings.custom_regroup)
        cues = make_cues(list(map(_readable, text.words)), text.language, rules)
        self._stages.advance(1.0)
        return cues

    def _write(self, media: Media, language: str, cues: list[Cue]) -> dict[str, Any]:
        path = choose_path(self._order, language, is_video=media.video.is_video)
        self._watch.stop_if_cancelled()
        data = self._to_text(cues, form_of(path), language).encode()
        authorship = self._authorship(language, path)
        make_folder(self._order)
        digest = write_subtitle(path, data, Path(media.video.path), authorship)
        return {"path": str(path), "sha256": digest, "language": language}

    def _to_text(self, cues: list[Cue], form: str, language: str) -> str:
        found = find_language(language)
        code = found.shortest_code if found else language
        if not self._order.settings.word_level_highlight:
            return write_cues(cues, form, code)
        if form not in MARKABLE:
            text = f"No words are marked (word_level_highlight): {form} has no form for that."
            self._watch.log("info", text)
        return write_marked(cues, form, code)

    def _authorship(self, language: str, path: Path) -> Authorship:
        def intend(target: Path, digest: str, replaced: str | None) -> None:
            self._watch.emit(
                {
                    "intends": str(target),
                    "sha256": digest,
                    "replaces": replaced,
                    "language": language,
                }
            )

        return Authorship(self._order.ours.get(str(path), ()), intend, self._order.overwrites)

    def _end_silent(self, media: Media, facts: Payload, began: float) -> dict[str, Any]:
        """There is nothing to write, and the file is known for it from now on."""
        self._stages.end()
        self._watch.log("info", NO_SPEECH)
        return {
            "files": [],
            "heard": media.describe_heard(None, 0.0),
            "summary": {
                **_summarise(facts, began),
                "output_path": None,
                "segments_count": 0,
                "note": NO_SPEECH,
            },
        }

    def _describe_trial(
        self, media: Media, known: str | None, route: Route | None
    ) -> dict[str, Any]:
        facts = {
            "is_trial": True,
            "source_lang": known,
            "track": media.track.index,
            "audio_s": media.track.duration_s or media.video.duration_s,
        }
        if route is None:
            target = self._order.target
            note = "The spoken language would be found out by listening."
            return {**facts, "target_lang": None if target == UNKNOWN else target, "note": note}
        path = choose_path(self._order, route.target, is_video=media.video.is_video)
        return {
            **facts,
            "target_lang": route.target,
            "output_path": str(path),
            "exists": path.exists(),
            "task": route.task,
            "steps": [step.name for step in route.steps],
            "way": describe_way(route, None),
            **self._note(route),
        }


def _summarise(facts: Payload, began: float) -> dict[str, Any]:
    return {**facts, "seconds": round(monotonic_s() - began, 3)}


def _heard(media: Media, spoken: Spoken) -> dict[str, Any] | None:
    if not spoken.is_heard:
        return None
    return media.describe_heard(spoken.language or UNKNOWN, spoken.confidence)


def _readable(word: Word) -> Word:
    """Without what is left of characters that the recogniser cut in two."""
    return replace(word, text=word.text.replace(BROKEN, "")) if BROKEN in word.text else word


def _describe_engine(heard: Heard) -> dict[str, Any]:
    return {
        "model": heard.model,
        "device": heard.device,
        "compute_type": heard.compute_type,
        "vram_mb": read_vram_mb(heard.device),
        "audio_s": round(float(heard.duration_s), 3),
    }
