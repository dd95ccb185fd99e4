"""Media servers by name, and the work with them that runs in workers."""

from collections.abc import Callable, Mapping
from contextlib import closing
from types import MappingProxyType

from mediant.http import ServiceClient
from mediant.integrations.emby.client import open_emby
from mediant.integrations.jellyfin.client import open_jellyfin
from mediant.integrations.plex.client import PlexServer
from mediant.jobs.job import Payload
from mediant.jobs.kind import Result
from mediant.jobs.watch import Toolbox, Watch
from mediant.library.path_maps import parse_path
from mediant.settings.media_servers import ServerName
from mediant.subtitles.tell.server import Connection, MediaServer

OPENERS: Mapping[ServerName, Callable[[str, str], MediaServer]] = MappingProxyType(
    {"plex": PlexServer, "jellyfin": open_jellyfin, "emby": open_emby}
)


def open_media_server(connection: Connection) -> MediaServer:
    """The server of a connection; nothing is sent yet."""
    return OPENERS[connection.server](connection.url, connection.token.get_secret_value())


def look_up(payload: Payload, _watch: Watch, _tools: Toolbox) -> Result:
    """Work of `look_up_item`: which files an item has."""
    with closing(open_media_server(Connection.from_dict(payload["connection"]))) as server:
        return {"files": list(server.list_files(payload["item_id"]))}


def tell(payload: Payload, _watch: Watch, _tools: Toolbox) -> Result:
    """Work of `tell_subtitle`: refresh what a media server shows, or post the completion."""
    if payload["to"] == "completion":
        with ServiceClient("The completion webhook", payload["url"]) as client:
            client.send("POST", payload["url"], body=payload["news"])
        return {"told": payload["to"]}
    with closing(open_media_server(Connection.from_dict(payload["connection"]))) as server:
        return {"told": payload["to"], "found": _refresh(server, payload)}


def _refresh(server: MediaServer, payload: Payload) -> bool:
    """By the item when a hook has named it, else by the file."""
    if payload["item_id"] is None:
        return server.refresh_file(parse_path(payload["path"]))
    server.refresh_item(payload["item_id"])
    return True
