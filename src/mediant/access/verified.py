"""Credentials that were found good a moment ago, so that a request costs no database read."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from mediant.access.caller import Caller
from mediant.kernel.clock import now_s

KEPT_S = 10.0
"""After so long the database is asked again: another process may have revoked a key."""

MOST = 4096


@dataclass(frozen=True, slots=True)
class Verified:
    """A caller, until when the credential itself is good, and from when it must be noted again."""

    caller: Caller
    ends_at: float | None
    note_at: float
    checked_at: float


class VerifiedCredentials:
    """The last verified credentials by their hashes; bounded, the oldest goes first.

    A check that began before a `forget` must not bring back what was forgotten: hand the
    `generation` from before the check to `keep`.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[str, Verified] = OrderedDict()
        self._guard = threading.Lock()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Grows with each `forget`."""
        return self._generation

    def find(self, hashed: str) -> Caller | None:
        """The caller, when this was verified lately and needs no note of its use yet."""
        with self._guard:
            found = self._found.get(hashed)
        now = now_s()
        if found is None or not found.checked_at <= now < found.checked_at + KEPT_S:
            return None
        if now >= found.note_at or (found.ends_at is not None and now >= found.ends_at):
            return None
        return found.caller

    def keep(self, hashed: str, verified: Verified, generation: int) -> None:
        """Remember it, unless something was forgotten since `generation`."""
        with self._guard:
            if generation != self._generation:
                return
            self._found[hashed] = verified
            self._found.move_to_end(hashed)
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def forget(self, which: Callable[[Caller], bool] | None = None) -> None:
        """Ask the database again: for all, or for the callers of which `which` is true."""
        with self._guard:
            self._generation += 1
            if which is None:
                self._found.clear()
                return
            for hashed in [h for h, found in self._found.items() if which(found.caller)]:
                del self._found[hashed]
