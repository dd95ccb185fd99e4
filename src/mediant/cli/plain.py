"""Text that a terminal shows and never obeys."""

import unicodedata

UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories that move the cursor, change colours, or cannot be printed at all."""


def plain(text: str) -> str:
    """The text with control characters, line ends and broken letters written as escapes.

    Whoever names a file would otherwise write on the terminal of whoever lists it.
    """
    return "".join(_escape(letter) for letter in text)


def _escape(letter: str) -> str:
    if unicodedata.category(letter) not in UNSEEN:
        return letter
    return ascii(letter)[1:-1]
