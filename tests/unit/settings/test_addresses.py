"""What the address of a service may look like."""

import pytest
from pydantic import ValidationError

from mediant.settings.addresses import check_address
from mediant.settings.media_servers import MediaServersSettings


@pytest.mark.parametrize(
    "address",
    ["", "http://plex:32400", "https://[::1]:8096/emby", "http://me:secret@host/hook?token=a/"],
)
def test_addresses_are_taken(address: str) -> None:
    assert check_address(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "plex:32400",
        "ftp://host",
        "http://",
        "http:///path",
        "http://:80",
        "http://me:pass",
        "http://h:99999",
        "http://h:0",
        "http://[::1",
    ],
)
def test_what_names_no_host_is_refused_without_its_words(address: str) -> None:
    with pytest.raises(ValueError, match="perhaps a port") as refused:
        check_address(address)
    assert "pass" not in str(refused.value)


def test_only_the_slash_of_a_path_goes() -> None:
    urls = {"plex_url": "http://plex:32400/", "completion_url": "http://host/hook?token=a/"}
    settings = MediaServersSettings(**urls)
    assert settings.plex_url == "http://plex:32400"
    assert settings.completion_url == urls["completion_url"]
    with pytest.raises(ValidationError):
        MediaServersSettings(completion_url="http://me:pass")
