"""Languages under all their names, beside a public table."""

import langcodes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.errors import Invalid
from mediant.kernel.languages import (
    WHISPER_CODES,
    canonical_code,
    find_language,
    find_tag,
    get_language,
    is_same_language,
    list_languages,
)

DIFFERENT = (
    "alb/sqi arm/hye baq/eus bur/mya chi/zho cze/ces dut/nld fre/fra geo/kat ger/deu gre/ell "
    "ice/isl mac/mkd mao/mri may/msa per/fas rum/ron slo/slk tib/bod wel/cym"
)


def test_the_two_forms_of_three_letters_differ_for_twenty_languages() -> None:
    pairs = {(one.code_b, one.code) for one in list_languages() if one.code_b != one.code}
    assert pairs == {tuple(pair.split("/")) for pair in DIFFERENT.split()}
    for bibliographic, terminology in pairs:
        assert canonical_code(bibliographic) == terminology


def test_codes_agree_with_a_public_table() -> None:
    for language in list_languages():
        # Bihari was withdrawn from the two-letter codes; the table has no three-letter form of it.
        if not language.code_1 or language.code == "bih":
            continue
        theirs = langcodes.get(language.code_1, normalize=False)
        assert theirs.to_alpha3() == language.code
        assert theirs.to_alpha3(variant="B") == language.code_b


def test_every_code_and_name_is_found() -> None:
    for language in list_languages():
        for text in (language.code, language.code_b, language.code_1):
            assert not text or find_language(text) == language, text
        # `Ga` and other names that are a code as well are taken for the code.
        assert len(language.name) < 4 or find_language(language.name) == language
        if language.is_common:
            assert find_language(language.native_name) == language


def test_whisper_knows_a_hundred_of_them() -> None:
    assert len(WHISPER_CODES) == 100
    assert {one.whisper_code for one in list_languages()} - {None} == WHISPER_CODES


@pytest.mark.parametrize(
    ("text", "code", "tag", "whisper"),
    [
        ("en", "eng", "en", "en"),
        ("EN-us", "eng", "en-US", "en"),
        ("pt_br", "por", "pt-BR", "pt"),
        ("pob", "por", "pt-BR", "pt"),
        ("zh-Hans-CN", "zho", "zh-Hans-CN", "zh"),
        ("cmn", "zho", "cmn", "zh"),
        ("yue", "yue", "yue", "yue"),
        ("jw", "jav", "jv", "jw"),
        ("nb", "nor", "nb", "no"),
        ("nn", "nno", "nn", "nn"),
        ("fil", "tgl", "fil", "tl"),
        ("iw", "heb", "he", "he"),
        ("Haitian Creole", "hat", "ht", "ht"),
        ("Français", "fra", "fr", "fr"),
        ("日本語", "jpn", "ja", "ja"),
        ("gsw", "gsw", "gsw", None),
        ("haw", "haw", "haw", "haw"),
    ],
)
def test_ways_to_name_a_language(text: str, code: str, tag: str, whisper: str | None) -> None:
    assert (canonical_code(text), find_tag(text)) == (code, tag)
    assert get_language(text).whisper_code == whisper


@pytest.mark.parametrize(
    "text", [None, "", " ", "und", "zxx", "mul", "mis", "qaa", "qtz", "xx", "x-y"]
)
def test_what_names_no_language(text: str | None) -> None:
    assert find_language(text) is None
    assert canonical_code(text) == find_tag(text) == "und"
    assert not is_same_language(text, text)
    with pytest.raises(Invalid, match="is no language"):
        get_language(text or "")


def test_the_same_language_under_two_names() -> None:
    assert is_same_language("ger", "de-AT")
    assert is_same_language("nb", "Norwegian")
    assert not is_same_language("pt", "es")


@given(st.text(max_size=20))
def test_any_text_may_be_asked_for(text: str) -> None:
    code = canonical_code(text)
    assert canonical_code(code) == code
