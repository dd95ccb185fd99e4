"""What a character is to a typesetter: how wide, and whether a line may break beside it.

Widths are counted in cells: a Latin letter is one, a full-width character two, a mark that
combines with another none (Unicode Standard Annex 11). Where scripts are written without blanks, a
line may break between most characters; the exceptions follow JIS X 4051 (kinsoku) and the order in
which Thai and Lao write their vowels.
"""

import re
import unicodedata
from functools import lru_cache

_SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff"  # Tibetan
    "\u1000-\u109f\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fff\u3000-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # further kana, further Han
)
HAS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_PLAIN = re.compile(r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f]*")

_NOT_FIRST = frozenset(
    "、。，．,.:;!?！？：；・…‥―—–)]}）］｝〕〉》」』】〙〗〟’”»›"
    "ーゝゞヽヾ々〻ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    "｡､･ｰﾞﾟ｣ｧｨｩｪｫｬｭｮｯ%％‰℃°〜～"
    "ะาำๅๆฯຯະາຳໆ་།༎"
)
_NOT_LAST = frozenset("([{（［｛〔〈《「『【〘〖〝‘“«‹¿¡｢$＄€£¥￥#＃เแโใไເແໂໃໄ")
_JOINERS = frozenset("\u200d\u2060\u17d2\u1039")
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def is_spaceless(mark: str) -> bool:
    """Whether the character belongs to a script that is written without blanks."""
    return HAS_SPACELESS.match(mark) is not None


def count_cells(text: str) -> int:
    """The width of `text` in cells; 0 to 2 for each character."""
    if _PLAIN.fullmatch(text):
        return len(text)
    return sum(map(_cells_of, text))


@lru_cache(maxsize=8192)
def _cells_of(mark: str) -> int:
    if unicodedata.category(mark) in _INVISIBLE or "\u1160" <= mark <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


@lru_cache(maxsize=16384)
def has_text(text: str) -> bool:
    """Whether there is more than punctuation in it: a letter, a digit or a symbol such as ♪."""
    return text.isalnum() or any(unicodedata.category(mark)[0] in "LNS" for mark in text)


def is_continuing(mark: str) -> bool:
    """Whether the character combines with the one before it."""
    return mark in _JOINERS or unicodedata.category(mark)[0] == "M"


def may_break(left: str, right: str) -> bool:
    """Whether a line may end between two characters that touch."""
    if not (is_spaceless(left) or is_spaceless(right)):
        return False
    if right in _NOT_FIRST or left in _NOT_LAST or left in _JOINERS:
        return False
    return not is_continuing(right)


def is_opening(text: str) -> bool:
    """Whether what follows belongs to the last character: an opening bracket or quotation mark."""
    return text[-1] in _NOT_LAST


def split_unbreakable(text: str) -> list[str]:
    """A stretch without blanks, cut where a line may break. Joined, it is `text` again."""
    if not HAS_SPACELESS.search(text):
        return [text]
    cuts = [i for i in range(1, len(text)) if may_break(text[i - 1], text[i])]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
