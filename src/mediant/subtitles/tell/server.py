"""The port to a media server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol, Self, get_args

from pydantic import SecretStr

from mediant.settings.media_servers import ServerName

SERVERS: tuple[ServerName, ...] = get_args(ServerName)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a media server is, and its token."""

    server: ServerName
    url: str
    token: SecretStr

    def to_dict(self) -> dict[str, Any]:
        """For a worker's message; it never stands in a row."""
        return {"server": self.server, "url": self.url, "token": self.token.get_secret_value()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """The way back."""
        return cls(told["server"], told["url"], SecretStr(told["token"]))


class MediaServer(Protocol):
    """What is asked of Plex, Jellyfin and Emby. Paths are as the server names them.

    All raise `http.ServiceDown` when a later try may work, `NotFound` for an unknown item and
    `Refused` when the server declines.
    """

    def list_files(self, item_id: str) -> Sequence[str]:
        """The video files of an item; of all its episodes when it is a season or a show."""
        ...

    def refresh_item(self, item_id: str) -> None:
        """Let the server look at an item anew."""
        ...

    def refresh_file(self, path: PurePath) -> bool:
        """Let the server look at a file's folder; False when it is in none of its libraries."""
        ...

    def close(self) -> None:
        """End the connections."""
        ...
