"""Values that would jam the queue, leave the folder or tell a password are no settings."""

import pytest

from mediant.errors import Invalid
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.settings_keys import list_keys, read_value

KEYS = {one.key: one for one in list_keys()}
NUMBERS = sorted(
    one.key
    for one in KEYS.values()
    if one.value_type in {"integer", "float"} and not one.is_read_only
)


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize("text", ["9" * 20, "9" * 300, "-1", "inf", "nan", "1e400"])
def test_no_number_is_beyond_all_reason(key, text):
    """What a worker is told of must fit into 64 bits, and a crew onto the machine."""
    with pytest.raises(Invalid, match=key):
        read_value(KEYS[key], text)


@pytest.mark.parametrize("key", ["worker_cpu_count", "worker_gpu_count", "worker_auto_start_count"])
def test_nobody_starts_a_million_workers(key):
    assert read_value(KEYS[key], "64") == 64
    with pytest.raises(Invalid, match=key):
        read_value(KEYS[key], "1000000")


@pytest.mark.parametrize("key", ["openai_url", "translation_url", "bazarr_url"])
@pytest.mark.parametrize(
    "text", ["nourl", "ftp://x", "http://", "file:///etc/passwd", "http://me:secret@h/", "//h"]
)
def test_an_address_is_one_and_holds_no_password(key, text):
    with pytest.raises(Invalid, match=key):
        read_value(KEYS[key], text)


@pytest.mark.parametrize("key", ["openai_url", "translation_url", "bazarr_url"])
@pytest.mark.parametrize("text", ["", "http://h", "https://h:1/v1", "http://[::1]:8080/v1"])
def test_addresses_are_taken(key, text):
    assert read_value(KEYS[key], text) == text


@pytest.mark.parametrize("text", ["../../etc/x", "a/b", ".hidden", "a:b", "a\nb", "x" * 5000])
def test_a_token_of_names_stays_in_the_folder(text):
    with pytest.raises(Invalid, match="subtitle_language_name"):
        read_value(KEYS["subtitle_language_name"], text)


def test_our_side_of_a_mapping_is_a_path():
    with pytest.raises(Invalid, match="path_mapping_to"):
        read_value(KEYS["path_mapping_to"], "media")


def test_the_defaults_hold_their_own_limits():
    SubtitlesSettings.model_validate(SubtitlesSettings().model_dump())
