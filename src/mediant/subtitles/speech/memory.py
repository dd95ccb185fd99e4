"""How the C library hands out memory, for recognition on the CPU.

Whisper's encoder asks for matrices of 70 MB and more, several in each layer. As it comes, glibc
takes each of them from the kernel and gives it back at once, and the kernel clears every page
anew: half of the encoder's time. Here freed memory is kept for the next layer instead.
"""

import ctypes
import sys

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8
"""Parameters of glibc's `mallopt`, from its `malloc.h`."""

_LARGEST = 1 << 30
"""Blocks up to this size come from the heap and not from the kernel."""

_NEVER = (1 << 31) - 1


def keep_freed() -> bool:
    """Let this process keep what it frees; for good. Whether the C library can do that.

    Only the main heap can hold large blocks, so threads that begin later share it. Where threads
    have ended before, a new one may take over the heap of one of them and keep nothing.
    """
    library = _find_glibc()
    if library is None:
        return False
    wanted = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _NEVER))
    done = [library.mallopt(parameter, value) == 1 for parameter, value in wanted]
    return all(done)


def give_back() -> None:
    """Give the kernel what is freed and kept."""
    library = _find_glibc()
    if library is not None:
        library.malloc_trim(0)


def _find_glibc() -> ctypes.CDLL | None:
    """None on other systems and with other C libraries."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
