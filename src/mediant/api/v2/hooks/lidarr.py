"""`/api/v2/hooks/lidarr`: Lidarr's *Connect → Webhook*.

The bodies are those of Lidarr's own classes in `src/NzbDrone.Core/Notifications/Webhook/`
(`WebhookEventType`, `WebhookImportPayload`, `WebhookRetagPayload`, `WebhookRenamePayload`,
`WebhookRenamedTrackFile`, `WebhookAlbumDeletePayload`, `WebhookArtistDeletePayload`), whose names
and fields differ between releases: what is unknown is passed over, what is absent is done without.
"""

from collections.abc import Iterator
from typing import Literal

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mediant.api.auth import JOBS, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Accepted, Out
from mediant.tagging.news import FileNews, Heeded, heed

router = v2_router("hooks")

TEST = "test"
IMPORTS = frozenset({"download", "upgrade"})
RETAGS = frozenset({"retag", "trackretag"})
MOVES = frozenset({"rename", "trackfiledelete"})
REMOVALS = frozenset({"albumdelete", "artistdelete"})


class LidarrIn(BaseModel):
    """Base of what Lidarr sends."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)


class TrackFileIn(LidarrIn):
    """A file, as Lidarr names it; after a move also as it was named before."""

    path: str | None = None
    previous_path: str | None = None


class ArtistIn(LidarrIn):
    """An artist has one folder."""

    path: str | None = None


class LidarrHookIn(LidarrIn):
    """One event. `deletedFiles` is a list after an upgrade, and a yes or no after a removal."""

    event_type: str = Field(min_length=1, max_length=100)
    artist: ArtistIn | None = None
    track_file: TrackFileIn | None = None
    track_files: list[TrackFileIn] | None = None
    renamed_track_files: list[TrackFileIn] | None = None
    deleted_files: list[TrackFileIn] | bool | None = None


class TroubleOut(Out):
    """A path of the event of which nothing could be made."""

    path: str
    code: str
    detail: str


class HookOut(Out):
    """What became of an event."""

    event: str
    status: Literal["ok", "ignored", "accepted"] = Field(
        description="`ok`: a test. `ignored`: an event without anything to do. `accepted`: jobs "
        "were enqueued, or were live already."
    )
    jobs: list[Accepted] = Field(default=[], description="One for each file that is tagged.")
    scans: list[Accepted] = Field(default=[], description="Scans of the folders concerned.")
    problems: list[TroubleOut] = Field(default=[], description="What could not be done, and why.")


@router.post("/lidarr", dependencies=JOBS)
@router.put("/lidarr", dependencies=JOBS, include_in_schema=False)
def lidarr(body: LidarrHookIn, app: AppDep, response: Response) -> HookOut:
    """Take an event of Lidarr: imports and retags are tagged, moves and removals are looked at."""
    news = to_news(body)
    if news is None:
        is_test = body.event_type.lower() == TEST
        return HookOut(event=body.event_type, status="ok" if is_test else "ignored")
    response.status_code = 202
    return hook_out(body.event_type, heed(app.library, app.tagging, news))


def to_news(body: LidarrHookIn) -> FileNews | None:
    """What an event says about files; None when it says nothing. Pure."""
    event, folders = body.event_type.lower(), _artist_folder(body)
    written, displaced = tuple(_written(body)), tuple(dict.fromkeys(_displaced(body)))
    if event in IMPORTS and written:
        return FileNews(written, [path for path in displaced if path not in written])
    # Older releases tell the artist only; a scan finds out what they did.
    if event in RETAGS and (written or folders):
        return FileNews(written) if written else FileNews(folders=folders)
    if event in MOVES and (written or displaced or folders):
        places = (*displaced, *written)
        return FileNews(displaced=places) if places else FileNews(folders=folders)
    if event in REMOVALS and body.deleted_files and folders:
        return FileNews(displaced=displaced, folders=folders)
    return None


def _artist_folder(body: LidarrHookIn) -> tuple[str, ...]:
    return (body.artist.path,) if body.artist and body.artist.path else ()


def _written(body: LidarrHookIn) -> Iterator[str]:
    files = [*(body.track_files or ()), *([body.track_file] if body.track_file else ())]
    yield from (file.path for file in files if file.path)


def _displaced(body: LidarrHookIn) -> Iterator[str]:
    """Old and new names of moved files, and what was deleted."""
    deleted = body.deleted_files if isinstance(body.deleted_files, list) else []
    for file in (*(body.renamed_track_files or ()), *deleted):
        yield from (path for path in (file.previous_path, file.path) if path)


def hook_out(event: str, heeded: Heeded) -> HookOut:
    """What was made of the news, as v2 says it."""
    return HookOut(
        event=event,
        status="accepted",
        jobs=[Accepted.model_validate(one) for one in heeded.tags],
        scans=[Accepted.model_validate(one) for one in heeded.scans],
        problems=[
            TroubleOut(path=one.path, code=one.error.code, detail=str(one.error))
            for one in heeded.troubles
        ],
    )
