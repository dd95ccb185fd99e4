"""Which changed paths have come to rest. Pure but for the clock and the look that are given.

A look may take long (a disk that has to start): the rest begins when it is over, and has lasted
until the next one begins.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Look = Callable[[str], tuple[int, int] | None]
"""Size and time (ns) of an absolute path as it is now; None when nothing is there."""

MANY = 100
"""More paths than this in one go become their folders, and more folders the whole root."""


@dataclass(slots=True)
class _Pending:
    looks: tuple[int, int] | None
    since: float


@dataclass(slots=True)
class Settling:
    """Paths that changed, and since when each has looked the same."""

    settle_s: float
    look: Look
    clock: Callable[[], float]
    pending: dict[str, _Pending] = field(default_factory=dict)

    def note(self, paths: Iterable[str]) -> None:
        """Something happened at these paths: their rest begins anew."""
        for path in paths:
            self.pending[path] = _Pending(self.look(path), self.clock())

    def take(self) -> list[str]:
        """The paths that rested long enough, which are then forgotten here.

        A folder waits for what is pending below it: an album that is being copied is taken once.
        """
        restless: list[str] = []
        now = self.clock()
        for path, state in self.pending.items():
            if now - state.since < self.settle_s:
                restless.append(path)
            elif (looks := self.look(path)) != state.looks:
                self.pending[path] = _Pending(looks, self.clock())
                restless.append(path)
        busy = {folder for path in restless for folder in _folders(path)}.union(restless)
        ready = [path for path in self.pending if path not in busy]
        for path in ready:
            del self.pending[path]
        return ready


def _folders(path: str) -> Iterable[str]:
    while path := path.rpartition("/")[0]:
        yield path


def targets(root: str, paths: Iterable[str]) -> list[str] | None:
    """The relative paths to scan: none inside another; None stands for the whole root."""
    inside = {path.removeprefix(f"{root}/") for path in paths if path.startswith(f"{root}/")}
    wanted = merge(inside)
    if len(wanted) > MANY:
        wanted = merge({path.rpartition("/")[0] for path in wanted})
    if len(wanted) > MANY or "" in wanted:
        return None
    return wanted


def merge(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie in another one, in byte order."""
    all_paths = set(paths)
    return sorted(path for path in all_paths if all_paths.isdisjoint(_folders(path)))
