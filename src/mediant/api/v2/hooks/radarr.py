"""`/api/v2/hooks/radarr` and `/radarr`: Radarr's *Connect → Webhook*."""

from fastapi import Request, Response

from mediant.api.families.request import parse, read_body
from mediant.api.v2.hooks.arr import ArrEventIn, ArrFileIn, ArrIn, news_of, take_event
from mediant.api.v2.hooks.videos import VideoHookOut, serve_hook
from mediant.subtitles.tell import HookNews


class MovieIn(ArrIn):
    """A movie has one folder."""

    folder_path: str | None = None


class RadarrHookIn(ArrEventIn):
    """One event."""

    movie: MovieIn | None = None
    movie_file: ArrFileIn | None = None
    renamed_movie_files: list[ArrFileIn] | None = None


async def radarr(request: Request, response: Response) -> VideoHookOut:
    """Take an event of Radarr: imported and renamed movies get what the rules want."""
    body = parse(RadarrHookIn, await read_body(request))
    return await take_event(request, body, to_news(body), response)


def to_news(body: RadarrHookIn) -> HookNews | None:
    """What an event says about videos; None when it says nothing. Pure."""
    folder = body.movie.folder_path if body.movie else None
    return news_of("radarr", body, [body.movie_file], body.renamed_movie_files, folder)


HINT = "Radarr posts here: Settings, Connect, Webhook, on import and on rename."
router, short = serve_hook("radarr", radarr, HINT)
