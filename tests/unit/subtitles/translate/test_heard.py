"""From what was heard to words of the wanted language."""

from collections.abc import Sequence
from contextlib import closing

import pytest
from tests.unit.subtitles.spoken import say

from mediant.errors import Cancelled, ModelError
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles import Word, make_cues
from mediant.subtitles.speech.engine import Heard, Segment
from mediant.subtitles.translate import Route, Step, find_route, open_translator, translate_heard
from mediant.subtitles.translate.heard import translate_texts
from mediant.testing.chat import ChatServer, by_words
from mediant.testing.translation_models import build_dictionary_model

TO_ENGLISH = {"hola.": "hello.", "gato": "cat", "el": "the", "duerme.": "sleeps."}
TO_FRENCH = {"hello.": "bonjour.", "cat": "chat", "the": "le", "sleeps.": "dort."}
PIVOT = (Step("ctranslate2", "spa", "eng", "one"), Step("ctranslate2", "eng", "fra", "two"))


class WordByWord:
    """A translator made of a dictionary."""

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words

    def translate(self, texts: Sequence[str], source, target, advance) -> list[str]:
        advance(0.5)
        return [" ".join(self.words.get(word, word) for word in text.split()) for text in texts]

    def close(self) -> None:
        """Nothing to free."""


def heard(*segments: Segment, language: str = "es", task: str = "transcribe") -> Heard:
    return Heard(language, 1.0, 60.0, segments, "tiny", "cpu", "int8", task=task)  # type: ignore[arg-type]


def segment(words: list[Word]) -> Segment:
    text = "".join(word.text for word in words)
    return Segment(words[0].start_s, words[-1].end_s, text, tuple(words))


def open_pivot(step: Step) -> WordByWord:
    return WordByWord({"one": TO_ENGLISH, "two": TO_FRENCH}[step.name])


def quietly(_share: float) -> None:
    """Go on."""


def test_without_steps_the_words_stay():
    words = say("hola. el gato duerme.", 15)
    route = Route("spa", "spa", "transcribe")
    assert translate_heard(heard(segment(words)), route, open_pivot, quietly) == words


def test_a_pivot_goes_through_both_and_keeps_the_times():
    later = [Word(w.text, w.start_s + 9, w.end_s + 9) for w in say("el gato duerme.", 10)]
    words = [Word(" hola.", 1.0, 1.6), *later]
    shares: list[float] = []
    route = Route("spa", "fra", "transcribe", PIVOT)
    found = translate_heard(heard(segment(words)), route, open_pivot, shares.append)
    assert "".join(word.text for word in found).split() == ["bonjour.", "le", "chat", "dort."]
    assert found[0].start_s == pytest.approx(words[0].start_s, abs=0.001)
    assert found[1].start_s == pytest.approx(words[1].start_s, abs=0.001)
    assert found[-1].end_s == pytest.approx(words[-1].end_s, abs=0.001)
    assert shares == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [cue.text for cue in make_cues(found, "fra")] == ["bonjour.", "le chat dort."]


def test_segments_without_times_of_words_are_spread():
    route = Route("spa", "eng", "transcribe", PIVOT[:1])
    told = heard(Segment(10.0, 12.0, " el gato duerme."))
    found = translate_heard(told, route, open_pivot, quietly)
    assert [word.text.strip() for word in found] == ["the", "cat", "sleeps."]
    assert found[0].start_s == 10.0
    assert found[-1].end_s == 12.0


def test_what_has_no_letters_is_not_translated():
    seen: list[str] = []

    class Seeing(WordByWord):
        def translate(self, texts, source, target, advance) -> list[str]:
            seen.extend(texts)
            return super().translate(texts, source, target, advance)

    texts = ["♪", "♪ el gato ♪", "1984...", "hola."]
    found = translate_texts(texts, PIVOT[:1], lambda _: Seeing(TO_ENGLISH), quietly)
    assert found == ["♪", "♪ the cat ♪", "1984...", "hello."]
    assert seen == ["el gato", "hola."]


def test_nothing_heard_is_nothing_translated():
    route = Route("spa", "fra", "transcribe", PIVOT)
    assert translate_heard(heard(), route, open_pivot, quietly) == []


def test_text_of_the_wrong_task_is_refused():
    route = Route("spa", "eng", "translate")
    with pytest.raises(ModelError, match="was to translate"):
        translate_heard(heard(segment(say("hola.", 9))), route, open_pivot, quietly)


@pytest.mark.parametrize("lost", [[], ["a", "b", "c"], ["x", " "]])
def test_a_translator_that_loses_sentences_fails(lost):
    class Losing(WordByWord):
        def translate(self, texts, source, target, advance) -> list[str]:
            return lost

    with pytest.raises(ModelError, match="lost sentences"):
        translate_texts(["hola.", "gato"], PIVOT[:1], lambda _: Losing({}), quietly)


def test_it_stops_when_it_is_asked_to():
    def stop(share: float) -> None:
        if share >= 0.5:
            raise Cancelled

    route = Route("spa", "fra", "transcribe", PIVOT)
    with pytest.raises(Cancelled):
        translate_heard(heard(segment(say("el gato duerme.", 9))), route, open_pivot, stop)


def test_the_whole_way_with_real_models(tmp_path):
    build_dictionary_model(tmp_path / "mt" / "spa-eng", TO_ENGLISH)
    build_dictionary_model(tmp_path / "mt" / "eng-fra", TO_FRENCH)
    settings = SubtitlesSettings()
    route = find_route("es", "fre", tmp_path, settings, whisper_can=False)
    assert [step.key for step in route.steps] == [
        f"ctranslate2|{tmp_path}/mt/spa-eng", f"ctranslate2|{tmp_path}/mt/eng-fra",
    ]  # fmt: skip
    told = heard(segment(say("el gato duerme.", 12)))
    found = translate_heard(told, route, lambda step: open_translator(step, settings), quietly)
    assert "".join(word.text for word in found).strip() == "le chat dort."


def test_english_of_whisper_goes_on_to_other_languages(tmp_path):
    build_dictionary_model(tmp_path / "mt" / "eng-fra", TO_FRENCH)
    settings = SubtitlesSettings()
    route = find_route("und", "fra", tmp_path, settings, whisper_can=True)
    assert (route.task, route.heard) == ("translate", "eng")
    told = heard(segment(say("the cat sleeps.", 12)), task="translate")
    found = translate_heard(told, route, lambda step: open_translator(step, settings), quietly)
    assert "".join(word.text for word in found).strip() == "le chat dort."


def test_the_whole_way_by_a_server(tmp_path):
    german = {"el": "die", "gato": "Katze", "duerme.": "schläft."}
    with ChatServer(by_words(german)) as server:
        settings = SubtitlesSettings(
            translation_url=server.url, translation_key=server.key, translation_model="tiny"
        )
        route = find_route("spa", "deu", tmp_path, settings, whisper_can=True)
        told = heard(segment(say("el gato duerme.", 12)))
        with closing(open_translator(route.steps[0], settings)) as translator:
            found = translate_heard(told, route, lambda _: translator, quietly)
    assert "".join(word.text for word in found).strip() == "die Katze schläft."
    assert server.requests[0]["model"] == "tiny"
