"""The one door of the translation: from what was heard to words of the wanted language."""

from collections.abc import Callable, Iterator, Sequence

from mediant.errors import ModelError
from mediant.subtitles.script import count_cells
from mediant.subtitles.speech.engine import Heard, Segment
from mediant.subtitles.translate.route import Route, Step
from mediant.subtitles.translate.sentences import Sentence, join_sentences
from mediant.subtitles.translate.spread import spread
from mediant.subtitles.translate.translator import Advance, Translator
from mediant.subtitles.words import Word

OpenStep = Callable[[Step], Translator]
"""Gives the translator of a step, such as one that a worker keeps loaded."""

_MUSIC = "♪♫♬♩"


def translate_heard(
    heard: Heard, route: Route, open_step: OpenStep, advance: Advance
) -> list[Word]:
    """The words of `heard` in the language `route.target`, with times that `make_cues` takes.

    `heard` is what the recogniser gave for `route.task`. Without steps these are its own words;
    otherwise its sentences go through every step, and each translation is spread over the time of
    its sentence. Raises what the translators raise, and ModelError when one loses a sentence.
    """
    if heard.task != route.task:
        text = f"The recogniser was to {route.task}, but it did {heard.task}."
        raise ModelError(text, asset=heard.model)
    words = list(_words_of(heard.segments))
    if not route.steps:
        return words
    sentences = join_sentences(words, route.heard)
    texts = translate_texts([one.text for one in sentences], route.steps, open_step, advance)
    return _spread_all(sentences, texts, route.target)


def translate_texts(
    texts: Sequence[str], steps: Sequence[Step], open_step: OpenStep, advance: Advance
) -> list[str]:
    """Each text through all steps. What has no letters, such as `♪` or `1984`, stays as it is.

    `advance` is told the share of all steps that is done.
    """
    framed = [_without_music(text) for text in texts]
    told = [at for at, (_, text, _) in enumerate(framed) if any(map(str.isalpha, text))]
    current = [framed[at][1] for at in told]
    for done, step in enumerate(steps):
        current = _take(step, open_step, current, _share(advance, done, len(steps)))
    advance(1.0)
    results = [text for _, text, _ in framed]
    for at, text in zip(told, current, strict=True):
        results[at] = text
    return [f"{lead}{text}{tail}" for (lead, _, tail), text in zip(framed, results, strict=True)]


def _take(step: Step, open_step: OpenStep, texts: list[str], advance: Advance) -> list[str]:
    advance(0.0)
    if not texts:
        return []
    found = open_step(step).translate(texts, step.source, step.target, advance)
    if len(found) != len(texts) or not all(text.strip() for text in found):
        raise ModelError("It lost sentences.", asset=step.name)
    return found


def _share(advance: Advance, done: int, steps: int) -> Advance:
    return lambda fraction: advance((done + fraction) / steps)


def _without_music(text: str) -> tuple[str, str, str]:
    """The notes around a sung line, which translators lose, and what is between them."""
    rest = text.lstrip(_MUSIC + " ")
    core = rest.rstrip(_MUSIC + " ")
    return text[: len(text) - len(rest)], core, rest[len(core) :]


def _spread_all(sentences: Sequence[Sentence], texts: Sequence[str], target: str) -> list[Word]:
    words: list[Word] = []
    before = ""
    for sentence, text in zip(sentences, texts, strict=True):
        words += spread(text, sentence, target, before)
        before = text
    return words


def _words_of(segments: Sequence[Segment]) -> Iterator[Word]:
    """The words; of a recogniser that tells no times of words, its segments cut at blanks."""
    for segment in segments:
        if segment.words:
            yield from segment.words
            continue
        parts = segment.text.split()
        widths = [max(1, count_cells(part)) for part in parts]
        done, whole_s = 0, segment.end_s - segment.start_s
        for part, width in zip(parts, widths, strict=True):
            begin = segment.start_s + whole_s * done / sum(widths)
            done += width
            yield Word(f" {part}", begin, segment.start_s + whole_s * done / sum(widths))
