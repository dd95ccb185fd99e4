"""The marks of languages in a model's vocabulary, such as `>>spa<<`, `__es__` or `spa_Latn`."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from mediant.errors import ModelError
from mediant.kernel.languages import UNKNOWN, canonical_code
from mediant.subtitles.translate.manifest import Kind

_MARKS: Mapping[Kind, re.Pattern[str]] = {
    "opus": re.compile(r">>([A-Za-z]{2,3}(?:_[A-Za-z0-9]+)*)<<"),
    "m2m100": re.compile(r"__([a-z]{2,3})__"),
    "nllb": re.compile(r"([a-z]{3}_[A-Z][a-z]{3})"),
    "madlad": re.compile(r"<2([a-z]{2,3}(?:_[A-Za-z]+)?)>"),
}
"""Kind of model -> how its marks are written; the group is the language."""

# ISO 639-3 codes of members of a language that ISO 639-2 names as one, as NLLB and OPUS use them.
_MEMBERS = {
    "als": "sqi", "arb": "ara", "ayr": "aym", "azj": "aze", "dik": "din", "ekk": "est",
    "fuv": "ful", "gaz": "orm", "khk": "mon", "kmr": "kur", "knc": "kau", "lvs": "lav",
    "npi": "nep", "ory": "ori", "pbt": "pus", "pes": "fas", "plt": "mlg", "quy": "que",
    "swh": "swa", "uzn": "uzb", "ydd": "yid", "zlm": "msa", "zsm": "msa",
}  # fmt: skip

_GROUPS = (
    "afa alv aus bat ber bnt cai cel cus dra fiu gem gmq gmw iir inc ine ira itc khi map mkh mul "
    "nai nic phi poz roa sai sem sit sla ssa tai trk tut urj zle zls zlw"
)
"""Codes of families of languages (ISO 639-5): a model of one does not tell which it takes."""


def read_marks(vocabulary: Path) -> frozenset[str]:
    """All tokens that may be marks of languages. ModelError when the file cannot be read."""
    try:
        state = vocabulary.stat()
        return _read_marks(vocabulary, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{vocabulary.name} cannot be read: {error}.", asset=str(vocabulary.parent)
        ) from error


@lru_cache(maxsize=64)
def _read_marks(vocabulary: Path, _mtime_ns: int, _size: int) -> frozenset[str]:
    """Vocabularies have up to 256,000 tokens and are read once; the stamps tell a new one."""
    text = vocabulary.read_text("utf-8")
    tokens = json.loads(text) if vocabulary.suffix == ".json" else text.splitlines()
    if not isinstance(tokens, list):
        raise ValueError("it is no list of tokens")
    return frozenset(
        token
        for token in tokens
        if isinstance(token, str) and any(mark.fullmatch(token) for mark in _MARKS.values())
    )


def find_kind(marks: Iterable[str]) -> Kind | None:
    """The kind whose marks these are, if at least two of them are languages."""
    known = list(marks)
    for kind in ("m2m100", "nllb", "madlad", "opus"):
        if len(languages_of(known, kind)) > (kind != "opus"):
            return kind
    return None


def languages_of(marks: Iterable[str], kind: Kind) -> dict[str, str]:
    """Canonical code -> mark. Of several (`>>pt<<`, `>>pt_br<<`) the plainest."""
    pattern = _MARKS.get(kind)
    found: dict[str, str] = {}
    for mark in sorted(marks, key=lambda mark: (len(mark), mark)):
        match = pattern.fullmatch(mark) if pattern else None
        code = code_of(match[1]) if match else UNKNOWN
        if code != UNKNOWN:
            found.setdefault(code, mark)
    return found


def code_of(name: str) -> str:
    """The canonical code of what a model calls a language; `und` for groups of languages."""
    head = name.split("_")[0]
    return UNKNOWN if head in _GROUPS.split() else canonical_code(_MEMBERS.get(head, name))
