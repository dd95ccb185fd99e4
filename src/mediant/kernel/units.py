"""Units for people: sizes, durations and numbers of things in words."""

_STEP = 1024
_SIZES = ("B", "kB", "MB", "GB", "TB")
_SHORT_S = 9.95
"""Below it a tenth of a second tells something."""
_TINY_S = 0.1


def format_size(size_bytes: float) -> str:
    """`3.1 MB` for 3,250,000 bytes (binary steps, one decimal above bytes)."""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit < len(_SIZES) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} B" if unit == 0 else f"{size:.1f} {_SIZES[unit]}"


def format_duration(duration_s: float) -> str:
    """`2 h 05 min`, `3 min 20 s`, `45 s` or, below ten seconds, `0.4 s`."""
    if duration_s < _SHORT_S:
        decimals = 2 if 0 < duration_s < _TINY_S else 1
        return f"{duration_s:.{decimals}f} s".replace(".0 s", " s")
    whole = round(duration_s)
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 file` or `2 files`; `plural` where it does not end in an s."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
