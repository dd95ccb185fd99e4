"""The grammar: what is a query, and that everything else is refused in one sentence."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.tagging.navidrome.parser import parse
from mediant.tagging.navidrome.query import (
    LONGEST,
    MOST_COMPARISONS,
    Comparison,
    Denial,
    Junction,
    Operator,
    Query,
    Value,
)

SPACES = ("nom", "essentia")
PATIENCE_S = 2.0
"""Of work, whatever else the machine does meanwhile."""


def _parse(text: str) -> Query:
    return parse(text, SPACES)


def _is(key: str, text: str, *, quoted: bool = False) -> Comparison:
    return Comparison(key, Operator.IS, Value(text, quoted))


@pytest.mark.parametrize(
    ("text", "key", "operator", "value"),
    [
        ("nom:mood_happy is true", "mood_happy", Operator.IS, Value("true")),
        ("tag:nom:mood_happy > 0.7", "mood_happy", Operator.GREATER, Value("0.7")),
        ("TAG:NOM:Mood_Happy>0.7", "mood_happy", Operator.GREATER, Value("0.7")),
        ("tag:energy <= -1e3", "energy", Operator.AT_MOST, Value("-1e3")),
        ("essentia:bpm>=120", "bpm", Operator.AT_LEAST, Value("120")),
        ("mood_loose Is Not sad", "mood-loose", Operator.IS_NOT, Value("sad")),
        ("mood-loose != sad", "mood-loose", Operator.IS_NOT, Value("sad")),
        ("genre = indie  rock", "genre", Operator.IS, Value("indie rock")),
        ("genre contains drum'n'bass", "genre", Operator.CONTAINS, Value("drum'n'bass")),
        ("genre NotContains 'a b'", "genre", Operator.NOT_CONTAINS, Value("a b", quoted=True)),
        ("genre not contains x", "genre", Operator.NOT_CONTAINS, Value("x")),
        (r'genre is "say \"hi\" \\ bye"', "genre", Operator.IS, Value(r'say "hi" \ bye', True)),
        ('genre is "rock AND (roll)"', "genre", Operator.IS, Value("rock AND (roll)", True)),
        ("genre is Ünïcode", "genre", Operator.IS, Value("Ünïcode")),
    ],
)
def test_one_comparison(text: str, key: str, operator: Operator, value: Value) -> None:
    assert _parse(text) == Comparison(key, operator, value)


def test_and_or_not_and_parentheses() -> None:
    assert _parse("a is 1 and b is 2 AND c is 3") == Junction(
        True, (_is("a", "1"), _is("b", "2"), _is("c", "3"))
    )
    assert _parse("NOT a is 1 OR (b is 2 AND not (c is 3))") == Junction(
        False,
        (Denial(_is("a", "1")), Junction(True, (_is("b", "2"), Denial(_is("c", "3"))))),
    )
    assert _parse("not NOT a is 1") == _is("a", "1")
    assert _parse("(((((a is 1)))))") == _is("a", "1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty"),
        (" \t\n", "it is empty"),
        ("a is b AND c is d OR e is f", "AND and OR stand on one level (column 19)"),
        ("a is b OR c is d and e is f", "AND and OR stand on one level"),
        ("((((((a is b))))))", "nested deeper than 5"),
        ("(a is b", "the parenthesis at column 1 is not closed"),
        ("a is b)", "the parenthesis at column 7 closes nothing"),
        ("()", "a tag is missing before ')'"),
        ("a", "a comparison is missing at the end"),
        ("a is", "a value is missing at the end"),
        ("a is not", "a value is missing at the end"),
        ("a > AND b is c", "a value is missing before 'AND'"),
        ("a b c", "a comparison is missing before 'b'"),
        ("a == 1", "a value is missing before '='"),
        ("a is b is c", "'is' at column 8 does not fit after 'b'"),
        ("a is b not c", "'not' at column 8 does not fit after 'b'"),
        ("a is b > c", "'>' at column 8 does not fit after 'b'"),
        ('a is "b" c', "'c' at column 10 does not fit after 'b'"),
        ("a is rock and roll", "a comparison is missing at the end"),
        ('a is "b', "the quotation that begins at column 6 does not end"),
        ("a is b!", "'!' at column 7 means nothing here"),
        ('a is ""', "the value at column 6 is empty"),
        ('a is " "', "the value at column 6 is empty"),
        ("x:a is b", "'x' (column 1) is no namespace here"),
        ("nom:x:a is b", "'nom:x' (column 1) is no namespace here"),
        ("nom: is b", "is no tag"),
        ("ä is b", "'ä' (column 1) is no tag"),
        ("a is b\0", "a control character at column 7"),
        ("a is '\ud800'", "half a character at column 7"),
        ("a is b AND", "a tag is missing at the end"),
        ("NOT", "a tag is missing at the end"),
        ("and is b", "a tag is missing before 'and'"),
    ],
)
def test_what_is_no_query_is_told_why(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        _parse(text)
    assert refused.value.text.startswith("Invalid playlist query: ")
    assert told in refused.value.text


def test_limits_of_size() -> None:
    longest = "a is " + "b" * (LONGEST - 5)
    assert _parse(longest) == _is("a", "b" * (LONGEST - 5))
    with pytest.raises(Invalid, match=r"4097 characters; 4096 are allowed"):
        _parse(longest + "b")
    most = " or ".join(["a=1"] * MOST_COMPARISONS)
    assert len(_parse(most).parts) == MOST_COMPARISONS  # type: ignore[union-attr]
    with pytest.raises(Invalid, match="more than 200 comparisons"):
        _parse(most + " or a=1")


SIGNS = ["(", ")", ">", "<", ">=", "<=", "=", "!=", "==", '"', "'", "\\", ":", "-", "_", "%", "!"]
NAMES = ["tag:", "nom:", "a", "mood_happy", "nom:mood_happy", "tag:nom:genre", "é", "\U0001f600"]
VERBS = ["and", "AND", "or", "not", "NOT", "is", "is not", "contains", "notcontains"]
VALUES = ["true", "FALSE", "0.7", "1e999", '"x"', "'y'", '""', "\u2028", "\0", "\x85", "\ud800"]
PIECES = st.sampled_from([*SIGNS, *NAMES, *VERBS, *VALUES])
GLUED = st.lists(PIECES | st.sampled_from([" ", "\n"]), max_size=60).map("".join)
SPACED = st.lists(PIECES, max_size=60).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=200) | GLUED | SPACED)
@example("not " * 1024)
@example("(" * LONGEST)
@example(")" * LONGEST)
@example('"' * LONGEST)
@example('"' + "\\" * (LONGEST - 1))
@example("'\\" * (LONGEST // 2))
@example("a is " + "b " * 2045)
@example(" " * LONGEST)
@example("<>=!" * 1024)
def test_any_text_is_a_query_or_refused_in_a_sentence_at_once(text: str) -> None:
    began = time.thread_time()
    try:
        found: object = _parse(text)
    except Invalid as refused:
        found = refused.text
    assert time.thread_time() - began < PATIENCE_S
    if isinstance(found, str):
        assert found.startswith("Invalid playlist query: ")
        assert found.endswith(".")
    else:
        assert isinstance(found, Comparison | Junction | Denial)
