"""`/api/v2/hooks/radarr` and `/radarr`: Radarr's *Connect → Webhook*."""

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import AppDep
from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.arr import IMPORT, RENAME, TEST, ArrEventIn, ArrFileIn, ArrIn, paths_of
from mediant.api.v2.hooks.videos import VideoHookOut, heed, ignored, serve_hook
from mediant.subtitles.tell import HookNews


class MovieIn(ArrIn):
    """A movie has one folder."""

    folder_path: str | None = None


class RadarrHookIn(ArrEventIn):
    """One event."""

    movie: MovieIn | None = None
    movie_file: ArrFileIn | None = None
    renamed_movie_files: list[ArrFileIn] | None = None


async def radarr(request: Request, app: AppDep, response: Response) -> VideoHookOut:
    """Take an event of Radarr: imported and renamed movies get what the rules want."""
    body = parse(RadarrHookIn, await read_body(request))
    if body.event_type.lower() == TEST:
        return VideoHookOut(event=body.event_type, status="ok")
    news = to_news(body)
    if news is None:
        return ignored(body.event_type)
    return await run_in_threadpool(heed, app, body.event_type, news, response)


def to_news(body: RadarrHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    event, folder = body.event_type.lower(), body.movie.folder_path if body.movie else None
    files: list[ArrFileIn | None] = []
    if event == IMPORT:
        files = [body.movie_file]
    elif event == RENAME:
        files = list(body.renamed_movie_files or ())
    paths = paths_of(files, folder)
    return HookNews("radarr", paths=paths) if paths else None


HINT = "Radarr posts here: Settings, Connect, Webhook, on import and on rename."
router, short = serve_hook("radarr", radarr, HINT)
