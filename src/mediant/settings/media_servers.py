"""The settings of media servers: who tells us of new videos, and who is told of new subtitles."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from mediant.settings.addresses import check_address
from mediant.settings.secret import MAY_HOLD_SECRET, NO_KEY, Key

ServerName = Literal["plex", "jellyfin", "emby"]


def _check_url(text: str) -> str:
    """An address without the last slash of its path; empty for none."""
    address = check_address(text)
    return address if {"?", "#"} & set(address) else address.rstrip("/")


Url = Annotated[str, AfterValidator(_check_url), MAY_HOLD_SECRET]


class MediaServersSettings(BaseModel):
    """Connections to Plex, Jellyfin and Emby, and what their hooks ask for."""

    plex_url: Url = Field("", description="Plex's address, like `http://plex:32400`.")
    plex_token: Key = Field(NO_KEY, description="Its `X-Plex-Token`.")
    jellyfin_url: Url = Field("", description="Jellyfin's address, like `http://jellyfin:8096`.")
    jellyfin_key: Key = Field(NO_KEY, description="An API key of Jellyfin.")
    emby_url: Url = Field("", description="Emby's address, like `http://emby:8096`.")
    emby_key: Key = Field(NO_KEY, description="An API key of Emby.")
    completion_url: Url = Field(
        "", description="Gets a POST with JSON for each subtitle that was written."
    )
    hook_target_language: str = Field(
        "", description="Language of the subtitles that a hook asks for while no rule is enabled."
    )
    heed_playback: bool = Field(
        False, description="Hooks of a playback count like those of a new video."
    )

    def address_of(self, server: ServerName) -> tuple[str, SecretStr]:
        """Address and token of a media server; empty where they are not set."""
        url, token = {
            "plex": (self.plex_url, self.plex_token),
            "jellyfin": (self.jellyfin_url, self.jellyfin_key),
            "emby": (self.emby_url, self.emby_key),
        }[server]
        return url, token
