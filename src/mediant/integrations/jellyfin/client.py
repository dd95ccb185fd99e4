"""Jellyfin's way of taking a token."""

from mediant.http import ServiceClient
from mediant.integrations.items import ItemServer


def open_jellyfin(url: str, token: str) -> ItemServer:
    """A Jellyfin. The header is that of its API description (`CustomAuthentication`)."""
    return ItemServer(
        ServiceClient("Jellyfin", url, {"Authorization": f'MediaBrowser Token="{token}"'})
    )
