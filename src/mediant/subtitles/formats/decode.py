"""The text in the bytes of a subtitle file, which seldom say how they are encoded."""

import codecs

from mediant.kernel.languages import canonical_code

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_EAST_EUROPE, _CYRILLIC, _ARABIC = ("cp1250",), ("cp1251",), ("cp1256",)
_LEGACY = {
    **dict.fromkeys(("pol", "ces", "slk", "hun", "hrv", "slv", "bos", "ron"), _EAST_EUROPE),
    **dict.fromkeys(("rus", "ukr", "bul", "bel", "srp", "mkd"), _CYRILLIC),
    **dict.fromkeys(("ara", "fas", "urd"), _ARABIC),
    "ell": ("cp1253",),
    "tur": ("cp1254",),
    "heb": ("cp1255",),
    "lit": ("cp1257",),
    "lav": ("cp1257",),
    "est": ("cp1257",),
    "vie": ("cp1258",),
    "tha": ("cp874",),
    "jpn": ("cp932", "euc_jp"),
    "kor": ("cp949",),
    "zho": ("gb18030", "big5"),
}
"""What programs wrote before UTF-8, by language."""


def decode_text(data: bytes, language: str | None = None) -> str:
    """The text of `data`; never fails.

    A byte order mark decides, then the zeros of UTF-16, then whether it is valid UTF-8. What is
    left is read in the code pages that were used for `language`, otherwise as Western European.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    for encoding in (*_utf16(data), "utf-8", *_LEGACY.get(canonical_code(language), ()), "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _utf16(data: bytes) -> tuple[str, ...]:
    """Digits, arrows and line ends are a zero byte and another one in UTF-16."""
    if len(data) < 4 or len(data) % 2:
        return ()
    low, high = data[1:2000:2].count(0), data[0:2000:2].count(0)
    enough = min(len(data), 2000) // 10
    if max(low, high) <= enough:
        return ()
    return ("utf-16-le",) if low > high else ("utf-16-be",)
