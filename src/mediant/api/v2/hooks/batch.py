"""`/api/v2/hooks/batch` and `/batch`: a whole folder, as scripts of other programs ask for it."""

from typing import Annotated

from fastapi import Query, Request, Response

from mediant.api.auth import AppDep
from mediant.api.reach import confine
from mediant.api.v2.hooks.videos import VideoHookOut, heed_out, serve_hook

Directory = Annotated[str, Query(min_length=1, description="The folder.")]
Language = Annotated[
    str | None,
    Query(alias="forceLanguage", description="Transcribe everything, spoken in this language."),
]


def batch(
    request: Request,
    app: AppDep,
    response: Response,
    directory: Directory,
    language: Language = None,
) -> VideoHookOut:
    """Have the scan rules look at a folder, or transcribe all its videos in one language."""
    confine(request, directory)
    return heed_out("batch", app.telling.heed_folder(directory, language), response)


HINT = "Scripts post here: ?directory=/tv/Show, and &forceLanguage=ja to go without the rules."
router, short = serve_hook("batch", batch, HINT)
