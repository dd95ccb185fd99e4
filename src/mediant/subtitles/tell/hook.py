"""What a hook says, and what is made of it. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediant.jobs.job import Enqueued
from mediant.settings.media_servers import ServerName


@dataclass(frozen=True, slots=True)
class HookNews:
    """Videos that are new or changed, as another program names them.

    Either `paths`, or an item of a media server that has to be asked for its files.
    """

    origin: str
    """Who says it: `plex`, `sonarr` …"""
    paths: Sequence[str] = ()
    server: ServerName | None = None
    item_id: str | None = None
    is_playback: bool = False


@dataclass(frozen=True, slots=True)
class Heeded:
    """The jobs that were enqueued; without any, `reason` says why not."""

    jobs: Sequence[Enqueued] = ()
    reason: str | None = None
