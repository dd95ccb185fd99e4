"""Languages: one value for every way in which a file, a user or a model names them.

Understood: ISO 639-1, both forms of ISO 639-2, BCP 47 tags (`pt-BR`, `zh-Hans`), English and own
names, and the codes of Whisper. Compared is always the canonical code, ISO 639-2/T.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from mediant.errors import Invalid
from mediant.kernel.language_table import COMMON, RARE

UNKNOWN = "und"
"""The canonical code of a language that is not known."""

_WHISPER = (
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he "
    "hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne "
    "nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk "
    "ur uz vi yi yo zh yue"
)
WHISPER_CODES: frozenset[str] = frozenset(_WHISPER.split())
"""What Whisper calls the languages that it knows; `yue` only since large-v3."""

_ALIASES = {
    # Codes that were withdrawn, or that programs invented.
    "iw": "heb", "in": "ind", "ji": "yid", "jw": "jav", "mo": "ron", "sh": "srp", "scr": "hrv",
    "scc": "srp", "mol": "ron", "pob": "por", "pb": "por", "spl": "spa", "ea": "spa", "zht": "zho",
    "zhs": "zho", "chs": "zho", "cht": "zho",
    # Names beside those of the table.
    "castilian": "spa", "valencian": "cat", "flemish": "nld", "mandarin": "zho",
    "simplified chinese": "zho", "traditional chinese": "zho", "chinese simplified": "zho",
    "chinese traditional": "zho", "brazilian": "por", "brazilian portuguese": "por",
    "portuguese brazil": "por", "moldavian": "ron", "moldovan": "ron", "myanmar": "mya",
    "pushto": "pus", "panjabi": "pan", "sinhalese": "sin", "letzeburgesch": "ltz",
    "haitian": "hat", "nynorsk": "nno", "bokmal": "nob", "farsi": "fas", "oriya": "ori",
    "uighur": "uig", "kirghiz": "kir", "gaelic": "gla", "frisian": "fry", "central khmer": "khm",
    "greenlandic": "kal", "latin american spanish": "spa", "azeri": "aze", "slovene": "slv",
}  # fmt: skip

_REGIONS = {
    "pob": "pt-BR", "pb": "pt-BR", "brazilian": "pt-BR", "brazilian portuguese": "pt-BR",
    "portuguese brazil": "pt-BR", "spl": "es-419", "ea": "es-419",
    "latin american spanish": "es-419", "zht": "zh-Hant", "cht": "zh-Hant", "zhs": "zh-Hans",
    "chs": "zh-Hans", "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant",
    "chinese simplified": "zh-Hans", "chinese traditional": "zh-Hant",
}  # fmt: skip

# A file in the left one serves whoever asked for the right one, and the other way round.
_SAME = {"nob": "nor", "cmn": "zho", "fil": "tgl"}

_TO_WHISPER = {"jav": "jw"}


@dataclass(frozen=True, slots=True)
class Language:
    """One language of ISO 639-2."""

    code: str
    """ISO 639-2/T, such as `fra`."""
    code_b: str
    """ISO 639-2/B, such as `fre`; the same as `code` for all but twenty languages."""
    code_1: str
    """ISO 639-1, such as `fr`; empty where there is none."""
    name: str
    """In English."""
    native_name: str
    """In itself; the English name where that is not known."""
    is_common: bool
    """Whether its code in a file's name is taken for a language, not for a word of the title."""

    @property
    def shortest_code(self) -> str:
        """ISO 639-1 where there is one, otherwise ISO 639-2/T."""
        return self.code_1 or self.code

    @property
    def whisper_code(self) -> str | None:
        """What Whisper calls it, or None where it does not know it."""
        code = canonical_code(self.code)
        known = _TO_WHISPER.get(code) or _by_code()[code].shortest_code
        return known if known in WHISPER_CODES else None


@lru_cache(maxsize=4096)
def find_language(text: str | None) -> Language | None:
    """The language that `text` names, or None.

    None as well for the codes that name none: `und`, `zxx`, `mul`, `mis`, `qaa` to `qtz`.
    """
    words = _fold(text or "")
    if found := _by_any().get(words):
        return found
    head = words.split(" ", 1)[0]
    return _by_code_or_alias().get(head) if _is_tag(words, head) else None


def get_language(text: str) -> Language:
    """As `find_language`; raises Invalid when it is no language."""
    found = find_language(text)
    if found is None:
        raise Invalid(
            f"{text!r} is no language.", remedy="Use a code of ISO 639, such as en, eng or pt-BR."
        )
    return found


def canonical_code(text: str | None) -> str:
    """ISO 639-2/T of what `text` names; `und` when it is not known.

    Bokmål counts as Norwegian, Mandarin as Chinese and Filipino as Tagalog: they are what people
    and files mean by the wider name.
    """
    found = find_language(text)
    return _SAME.get(found.code, found.code) if found else UNKNOWN


def is_same_language(one: str | None, other: str | None) -> bool:
    """Whether both name the same language. What is not known equals nothing."""
    code = canonical_code(one)
    return code != UNKNOWN and code == canonical_code(other)


def find_tag(text: str | None) -> str:
    """The BCP 47 tag of `text`: `pt-BR` for `pt_br` and `pob`, `fr` for `fre`; `und` if unknown."""
    found = find_language(text)
    if found is None or text is None:
        return UNKNOWN
    words = _fold(text)
    if words in _REGIONS:
        return _REGIONS[words]
    if words in _by_any():
        return found.shortest_code
    return "-".join([found.shortest_code, *(_subtag(part) for part in words.split(" ")[1:])])


def list_languages() -> list[Language]:
    """All of them, by code."""
    return sorted(_by_code().values(), key=lambda language: language.code)


def _subtag(part: str) -> str:
    """BCP 47 writes scripts `Hant` and regions `BR`."""
    return part.title() if len(part) == 4 else part.upper()


def _is_tag(words: str, head: str) -> bool:
    """Whether it reads as a code with a script or region behind it."""
    rest = words.split(" ")[1:]
    return (
        2 <= len(head) <= 3
        and 1 <= len(rest) <= 2
        and all(
            (len(part) in (2, 4) and part.isalpha()) or (len(part) == 3 and part.isdigit())
            for part in rest
        )
    )


def _fold(text: str) -> str:
    """Without case, accents and joiners: `Português_(Brasil)` and `portugues brasil` meet."""
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    letters = (
        " " if mark in "-_()[]," else mark for mark in plain if not unicodedata.combining(mark)
    )
    return " ".join("".join(letters).split())


@cache
def _by_code() -> dict[str, Language]:
    found = {}
    for row in COMMON.strip().splitlines():
        code, code_b, code_1, name, native = row.split("|")
        own = name if native == "-" else native
        found[code] = Language(code, code_b, "" if code_1 == "-" else code_1, name, own, True)
    for entry in RARE.replace("\n", " ").split(";"):
        code, name = entry.strip().split(" ", 1)
        found[code] = Language(code, code, "", name, name, False)
    return found


@cache
def _by_code_or_alias() -> dict[str, Language]:
    known = _by_code()
    codes = {code: known[target] for code, target in _ALIASES.items()}
    for language in known.values():
        codes |= {language.code: language, language.code_b: language}
        if language.code_1:
            codes[language.code_1] = language
    return codes


@cache
def _by_any() -> dict[str, Language]:
    names = {_fold(language.native_name): language for language in _by_code().values()}
    names |= {_fold(language.name): language for language in _by_code().values()}
    return names | _by_code_or_alias()
