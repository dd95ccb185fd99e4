"""Secrets: what they may look like, and who sees them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError

from mediant.errors import Invalid
from mediant.jobs.pool.port import JobMessage
from mediant.settings import Settings
from mediant.settings.media_servers import MediaServersSettings
from mediant.settings.secret import (
    HIDDEN,
    list_secrets,
    mask_address,
    reveal,
    show,
    strike_out,
)
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.settings_keys import list_keys, read_value, to_text
from mediant.subtitles.tell.server import Connection

SECRET = "s3cret-of-the-house"
SUBTITLES = SubtitlesSettings(openai_key=SecretStr(SECRET), openai_url="http://ears:8000")


def test_every_secret_of_the_house_is_known() -> None:
    assert list_secrets(Settings) == {
        "admin_password",
        "api_key",
        "database_url",
        "media_servers.emby_key",
        "media_servers.jellyfin_key",
        "media_servers.plex_token",
        "subtitles.bazarr_api_key",
        "subtitles.bazarr_own_key",
        "subtitles.openai_key",
        "subtitles.translation_key",
    }


def test_no_setting_is_named_like_a_secret_and_is_none() -> None:
    kinds: dict[str, type[BaseModel]] = {
        "": Settings,
        "subtitles.": SubtitlesSettings,
        "media_servers.": MediaServersSettings,
    }
    named = {
        f"{section}{name}"
        for section, kind in kinds.items()
        for name in kind.model_fields
        if name.endswith(("_key", "_token", "_password", "_secret"))
    }
    assert named <= list_secrets(Settings)


def test_who_sees_it() -> None:
    assert SECRET not in f"{SUBTITLES!r} {SUBTITLES} {SUBTITLES.model_dump_json()}"
    shown = show(Settings(subtitles=SUBTITLES))
    assert SECRET not in json.dumps(shown)
    assert shown["subtitles"]["openai_key"] == HIDDEN
    assert (shown["subtitles"]["bazarr_api_key"], shown["database_url"]) == ("", None)
    told = reveal(SUBTITLES)
    assert told["openai_key"] == SECRET
    assert SubtitlesSettings(**json.loads(json.dumps(told))) == SUBTITLES
    assert SECRET not in repr(JobMessage(1, 1, "hear", "a:b", {"settings": told}))
    connection = Connection("plex", "http://plex", SecretStr(SECRET))
    assert SECRET not in repr(connection)
    assert Connection.from_dict(connection.to_dict()) == connection


def test_what_was_copied_along_is_left_out() -> None:
    given_ = SubtitlesSettings(openai_key=SecretStr(f" {SECRET}\n"))
    assert given_.openai_key.get_secret_value() == SECRET


@pytest.mark.parametrize(
    "bad", [f"{SECRET}\nX-Other: 1", f"{SECRET}é", f"{SECRET}\0", SECRET * 300]
)
def test_what_fits_into_no_header_is_refused_unseen(bad: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SubtitlesSettings(openai_key=SecretStr(bad))
    assert SECRET not in str(refused.value)
    key = next(one for one in list_keys() if one.key == "openai_key")
    with pytest.raises(Invalid) as told:
        read_value(key, bad)
    assert SECRET not in str(told.value)


def test_a_family_is_shown_stars() -> None:
    assert to_text(SecretStr(SECRET)) == HIDDEN
    assert to_text(SecretStr("")) == ""


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ""),
        ("http://h:1/a@b", "http://h:1/a@b"),
        ("http://u:p@h", f"http://{HIDDEN}@h"),
        ("http://u:p@ss@h/?a=1&b=&c", f"http://{HIDDEN}@h/?a={HIDDEN}&b=&{HIDDEN}"),
        ("http://h/?#f", f"http://h/?#{HIDDEN}"),
        ("http://u:p/w@x@h/a", f"http://{HIDDEN}@h/a"),
        ("http://u:p?#w@h", f"http://{HIDDEN}@h"),
        ("http://[::1]:80/@a", "http://[::1]:80/@a"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_secret(address: str, shown: str) -> None:
    assert mask_address(address) == shown


PART = st.text("abcxyz%+.~", min_size=1, max_size=8).map("s3cret-{}".format)


@given(PART, PART, st.lists(st.tuples(st.just("k"), PART), max_size=3), st.none() | PART)
def test_no_part_of_an_address_that_may_be_a_secret_is_shown(
    name: str, word: str, query: list[tuple[str, str]], fragment: str | None
) -> None:
    asked = "&".join(f"{key}={value}" for key, value in query)
    end = "" if fragment is None else f"#{fragment}"
    shown = mask_address(f"https://{name}:{word}@host:1/path?{asked}{end}")
    assert "s3cret" not in shown
    assert shown.startswith(f"https://{HIDDEN}@host:1/path?")
    assert mask_address(shown) == shown


@given(st.text("abcd") | st.text(), st.lists(st.text("abc", max_size=6), max_size=3))
def test_struck_out_text_holds_no_secret(text: str, secrets: list[str]) -> None:
    struck = strike_out(text, *secrets)
    assert all(secret not in struck for secret in secrets if secret)
    if not any(secret in text for secret in secrets if secret):
        assert struck == text


def test_a_secret_that_begins_like_another_is_struck_out_whole() -> None:
    assert strike_out("Bad key abc-def.", "abc", "abc-def") == f"Bad key {HIDDEN}."
