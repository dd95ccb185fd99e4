"""`/api/v2/hooks/sonarr` and `/sonarr`: Sonarr's *Connect → Webhook*."""

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import AppDep
from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.arr import IMPORT, RENAME, TEST, ArrEventIn, ArrFileIn, ArrIn, paths_of
from mediant.api.v2.hooks.videos import VideoHookOut, heed, ignored, serve_hook
from mediant.subtitles.tell import HookNews


class SeriesIn(ArrIn):
    """A series has one folder."""

    path: str | None = None


class SonarrHookIn(ArrEventIn):
    """One event."""

    series: SeriesIn | None = None
    episode_file: ArrFileIn | None = None
    episode_files: list[ArrFileIn] | None = None
    renamed_episode_files: list[ArrFileIn] | None = None


async def sonarr(request: Request, app: AppDep, response: Response) -> VideoHookOut:
    """Take an event of Sonarr: imported and renamed episodes get what the rules want."""
    body = parse(SonarrHookIn, await read_body(request))
    if body.event_type.lower() == TEST:
        return VideoHookOut(event=body.event_type, status="ok")
    news = to_news(body)
    if news is None:
        return ignored(body.event_type)
    return await run_in_threadpool(heed, app, body.event_type, news, response)


def to_news(body: SonarrHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    event, folder = body.event_type.lower(), body.series.path if body.series else None
    files: list[ArrFileIn | None] = []
    if event == IMPORT:
        files = [body.episode_file, *(body.episode_files or ())]
    elif event == RENAME:
        files = list(body.renamed_episode_files or ())
    paths = paths_of(files, folder)
    return HookNews("sonarr", paths=paths) if paths else None


HINT = "Sonarr posts here: Settings, Connect, Webhook, on import and on rename."
router, short = serve_hook("sonarr", sonarr, HINT)
