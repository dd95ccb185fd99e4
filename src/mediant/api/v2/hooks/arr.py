"""What Sonarr's and Radarr's *Connect → Webhook* have in common.

Names are those of their own classes in `src/NzbDrone.Core/Notifications/Webhook/`
(`WebhookImportPayload`, `WebhookImportCompletePayload`, `WebhookRenamePayload`): what is unknown is
passed over, what is absent is done without.
"""

from collections.abc import Iterable

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mediant.api.v2.hooks.videos import VideoHookOut, take
from mediant.subtitles.tell import HookNews

TEST = "test"
IMPORT = "download"
RENAME = "rename"


class ArrIn(BaseModel):
    """Base of what they send."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)


class ArrFileIn(ArrIn):
    """A file. Old releases tell only the path below the folder of the series or the movie."""

    path: str | None = None
    relative_path: str | None = None


class ArrEventIn(ArrIn):
    """One event."""

    event_type: str = Field(min_length=1, max_length=100)


async def take_event(
    request: Request, body: ArrEventIn, news: HookNews | None, response: Response
) -> VideoHookOut:
    """Answer a test, and do what any other event asks for."""
    if body.event_type.lower() == TEST:
        return VideoHookOut(event=body.event_type, status="ok")
    return await take(request, body.event_type, news, response)


def news_of(
    origin: str,
    body: ArrEventIn,
    imported: Iterable[ArrFileIn | None],
    renamed: Iterable[ArrFileIn] | None,
    folder: str | None,
) -> HookNews | None:
    """The files of an import or of a new name; None for any other event. Pure."""
    files = {IMPORT: imported, RENAME: renamed or ()}.get(body.event_type.lower(), ())
    paths = paths_of(files, folder)
    return HookNews(origin, paths=paths) if paths else None


def paths_of(files: Iterable[ArrFileIn | None], folder: str | None) -> tuple[str, ...]:
    """The paths of files, as the program names them. Pure."""
    found: dict[str, None] = {}
    for file in files:
        if file is not None and file.path:
            found[file.path] = None
        elif file is not None and file.relative_path and folder:
            found[f"{folder.rstrip('/')}/{file.relative_path}"] = None
    return tuple(found)
