"""`/api/v2/hooks/sonarr` and `/sonarr`: Sonarr's *Connect → Webhook*."""

from fastapi import Request, Response

from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.arr import ArrEventIn, ArrFileIn, ArrIn, news_of, take_event
from mediant.api.v2.hooks.videos import VideoHookOut, serve_hook
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


async def sonarr(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Sonarr: imported and renamed episodes get what the rules want."""
    body = parse(SonarrHookIn, await read_body(request))
    return await take_event(request, body, to_news(body), response)


def to_news(body: SonarrHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    folder = body.series.path if body.series else None
    imported = [body.episode_file, *(body.episode_files or ())]
    return news_of("sonarr", body, imported, body.renamed_episode_files, folder)


HINT = "Sonarr posts here: Settings, Connect, Webhook, on import and on rename."
router, short = serve_hook("sonarr", sonarr, HINT)
