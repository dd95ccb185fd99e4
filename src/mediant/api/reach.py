"""Which paths of this machine a caller may name in a wish for subtitles.

Who may administer the server may name any: the machine's owner asks for a film on the desktop.
Everybody else is kept to the libraries' folders and to those of `library_paths`, links resolved,
so that a key for other programs opens nothing else of the machine.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from fastapi import Request

from mediant.access.scopes import Scope
from mediant.api.auth import find_app, find_caller
from mediant.app import App
from mediant.errors import Forbidden
from mediant.kernel.paths import is_within, real
from mediant.subtitles.transcribe.places import to_ours

REMEDY = (
    "Add its folder to `library_paths` or with `mediant libraries add`, or use a key with the "
    "scope admin."
)

P = TypeVar("P", bound=str | Path)


def confine(request: Request, *paths: str | Path | None) -> None:
    """Pass what the caller may name; None is nothing. Raises Forbidden, and MediaError for what is
    no path. Whether something is there is not told of what lies outside."""
    named = [path for path in paths if path is not None]
    outside = [path for path in named if path not in pick_reachable(request, named)]
    for path in outside:
        raise Forbidden("The path lies in no library.", asset=os.fspath(path), remedy=REMEDY)


def pick_reachable(request: Request, paths: Iterable[P]) -> list[P]:
    """Those of the paths, as another program names them, that the caller may name."""
    if Scope.ADMIN in find_caller(request).scopes:
        return list(paths)
    app = find_app(request)
    settings, roots = app.subtitles.settings(), _find_roots(app)
    found = [(path, real(to_ours(path, settings))) for path in paths]
    return [path for path, place in found if any(is_within(place, root) for root in roots)]


def _find_roots(app: App) -> list[Path]:
    folders = [entry.root_path for entry in app.library.list_libraries()]
    return [*map(real, folders), *map(real, app.subtitles.settings().library_paths)]
