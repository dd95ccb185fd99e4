"""Emby's way of taking a token."""

from mediant.http import ServiceClient
from mediant.integrations.items import ItemServer


def open_emby(url: str, token: str) -> ItemServer:
    """An Emby. The header is that of its API description."""
    return ItemServer(ServiceClient("Emby", url, {"X-Emby-Token": token}))
