"""Units for people: sizes and durations in words."""

_STEP = 1024
_SIZES = ("B", "kB", "MB", "GB", "TB")


def format_size(size_bytes: float) -> str:
    """`3.1 MB` for 3,250,000 bytes (binary steps, one decimal above bytes)."""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit < len(_SIZES) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} B" if unit == 0 else f"{size:.1f} {_SIZES[unit]}"


def format_duration(duration_s: float) -> str:
    """`2 h 05 min`, `3 min 20 s` or `45 s`."""
    whole = round(duration_s)
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
