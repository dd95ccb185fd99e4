"""The garbage collector, held back while many objects are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spare_what_stays() -> Iterator[None]:
    """Collect nothing within the block, and never look at what it has made.

    For imports: a whole server is some 100,000 objects, and each round of the collector walks
    over all of them in vain. That is a fifth of the time until a command works.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
