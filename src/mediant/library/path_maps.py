"""Path maps: one folder, two names, because two containers mount it at different places. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from mediant.errors import Invalid
from mediant.kernel.paths import is_storable


@dataclass(frozen=True, slots=True)
class PathMap:
    """`theirs`: a folder as another program names it; `ours`: the same folder here."""

    id: int
    theirs: str
    ours: str


def parse_path(text: str) -> PurePath:
    """An absolute path of a POSIX or a Windows program, with one spelling; else Invalid."""
    if not is_storable(text):
        shown = text.encode(errors="replace").decode()
        raise Invalid("A path has to be valid UTF-8, without a zero character.", asset=shown)
    has_drive = text[:1].isalpha() and text[1:3] in {":\\", ":/"}
    is_windows = has_drive or text.startswith("\\\\")
    path = PureWindowsPath(text) if is_windows else PurePosixPath(text)
    if not path.is_absolute():
        raise Invalid("The path has to be absolute.", asset=text)
    if ".." in path.parts:
        raise Invalid("A path with '..' in it is not accepted.", asset=text)
    # POSIX keeps a double slash at the start apart; nobody who maps paths means that.
    return PurePosixPath("/" + str(path).lstrip("/")) if not is_windows else path


def check_map(theirs: str, ours: str) -> tuple[str, str]:
    """Both sides of a new map in their one spelling; Invalid when one makes no sense."""
    our_path = parse_path(ours)
    if not isinstance(our_path, PurePosixPath):
        raise Invalid("Our side of a path map is a folder of this machine.", asset=ours)
    return str(parse_path(theirs)), str(our_path)


def to_ours(maps: Iterable[PathMap], path: str) -> PurePosixPath:
    """A path of theirs as ours: the longest matching folder wins, whole names only.

    Without a match the path is returned as it is (Invalid when it is a Windows path).
    """
    theirs = parse_path(path)
    best = _longest(((parse_path(entry.theirs), entry.ours) for entry in maps), theirs)
    if best is not None:
        folder, ours = best
        return PurePosixPath(ours, *theirs.parts[len(folder.parts) :])
    if not isinstance(theirs, PurePosixPath):
        raise Invalid("No path map covers this path.", asset=path)
    return theirs


def to_theirs(maps: Iterable[PathMap], path: str) -> PurePath:
    """A path of ours as theirs: the way back of `to_ours`."""
    ours = parse_path(path)
    best = _longest(((parse_path(entry.ours), entry.theirs) for entry in maps), ours)
    if best is None:
        return ours
    folder, theirs = best
    return parse_path(theirs).joinpath(*ours.parts[len(folder.parts) :])


def _longest(sides: Iterable[tuple[PurePath, str]], path: PurePath) -> tuple[PurePath, str] | None:
    matches = [side for side in sides if side[0] == path or side[0] in path.parents]
    return max(matches, key=lambda side: len(side[0].parts), default=None)
