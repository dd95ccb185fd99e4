"""Words for tests: any that a recogniser could give, and sentences said at an even speed."""

from itertools import pairwise

from hypothesis import strategies as st

from mediant.subtitles import Word

_SAID = """
the a of and because I you said Mr. Smith River. yes, no? 1984 don't e.g. U.S. -known el niño que
¿Quién ¡Hola! français l'homme Straße Привет, мир. मैंने नमस्ते। ♪ 👩‍👩‍👧 ﷺ مرحبا، كيف والحال؟ שלום
안녕하세요 그리고 สวัสดีครับ เธอไป 昨日 の 夜、 コンピューター は 。 「 」 ー っ 我们 但是 的
. , ... — - – ! « » ( ) “ ” -- > --> ---> 00:00:01,000 <i> </i> & &amp; {\\an8} WEBVTT NOTE 42
"""
_PARTS = [
    *_SAID.split(),
    *["", " ", "\n", "\t", "a\nb", "New York", "\x00", "\ufeff", "\ud800", "\u2028", "x" * 60],
    *["supercalifragilistic" * 12, "日本語" * 30, "ー" * 40, "e\u0301" * 50, "เ" * 30, "." * 90],
]
_SECONDS = st.one_of(
    st.floats(0, 30),
    st.floats(0, 20_000),
    st.sampled_from([0.0, 1.0, 5.0, 5.001, -3.0, 1e9, float("nan"), float("inf"), float("-inf")]),
)


@st.composite
def any_word(draw: st.DrawFn) -> Word:
    """Any text at any time."""
    text = draw(st.one_of(st.sampled_from(_PARTS), st.text(max_size=12)))
    blank = draw(st.sampled_from(["", " ", " ", " "]))
    speaker = draw(st.sampled_from([None, None, "Ann", "Bob"]))
    return Word(blank + text, draw(_SECONDS), draw(_SECONDS), speaker)


any_words = st.lists(any_word(), max_size=60)


@st.composite
def told_words(draw: st.DrawFn) -> list[Word]:
    """Words one after the other, with pauses, said as fast as people do or faster."""
    at, words = draw(st.floats(0, 100)), []
    for _ in range(draw(st.integers(0, 80))):
        text = draw(st.sampled_from(_PARTS))
        length = draw(st.floats(0.0, 0.8))
        words.append(Word(f" {text}", at, at + length, draw(st.sampled_from([None, "Ann", "Bob"]))))
        at += length + draw(st.sampled_from([0, 0, 0.05, 0.2, 0.6, 1.5, 3, 600]))
    return words


def say(text: str, cps: float, *, pauses: dict[str, float] | None = None) -> list[Word]:
    """`text` word by word (character by character without blanks) at `cps`, from 1.0 s on."""
    parts = [f" {part}" for part in text.split(" ")] if " " in text else list(text)
    at, words = 1.0, []
    for part in parts:
        words.append(Word(part, at, at + len(part.strip()) / cps))
        at += len(part) / cps + (pauses or {}).get(part.strip()[-1], 0.0)
    return words


def is_rising(values: list[int]) -> bool:
    """Whether no value is below the one before it."""
    return all(one <= other for one, other in pairwise(values))
