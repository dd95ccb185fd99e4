"""The settings as their API sees them."""

import pytest

from mediant.errors import Invalid, MediantError, NotFound, Refused
from mediant.settings.secret import HIDDEN
from mediant.settings.stored import StoredSettings
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.settings_keys import SECTION, list_keys, read_value, to_text
from mediant.subtitles.settings_listener import SettingsListener
from mediant.testing.waiting import wait_until

DOCUMENTED = {
    "operation_mode": ("standalone", "string", "general"),
    "library_paths": ("", "list", "general"),
    "setup_completed": ("false", "boolean", "general"),
    "worker_cpu_count": ("0", "integer", "workers"),
    "concurrent_transcriptions": ("2", "integer", "workers"),
    "whisper_model": ("medium", "string", "transcription"),
    "detect_language_length": ("30", "integer", "transcription"),
    "subtitle_language_naming_type": ("ISO_639_2_B", "string", "subtitles"),
    "skip_if_target_subtitles_exist": ("true", "boolean", "skip"),
    "skip_subtitle_languages": ("", "list", "skip"),
    "scanner_cron": ("0 2 * * *", "string", "scanner"),
    "scanner_last_scan_time": ("", "string", "scanner"),
    "scanner_scan_count": ("0", "integer", "scanner"),
    "bazarr_url": ("http://bazarr:6767", "string", "bazarr"),
    "preferred_audio_languages": ("eng", "list", "advanced"),
}


def test_every_key_is_there_with_its_default(house):
    entries = {one.key: one for one in house.keys.list_settings()}
    for key, told in DOCUMENTED.items():
        entry = entries[key]
        assert (entry.value, entry.value_type, entry.category) == told
        assert entry.description
    assert set(entries) == {one.key for one in list_keys()}
    assert set(SubtitlesSettings.model_fields) <= set(entries)
    assert len({one.id for one in entries.values()}) == len(entries)
    categories = {one.category for one in entries.values()}
    wanted = "general workers transcription subtitles skip scanner bazarr advanced"
    assert categories == set(wanted.split())
    assert {one.key for one in house.keys.list_settings("skip")} >= {"skip_unknown_language"}
    assert house.keys.list_settings("nonsense") == []


def test_a_value_is_changed_typed_and_taken_back(house):
    for text, value in (("yes", True), ("0", False), ("ON", True), ("False", False)):
        house.keys.put("word_level_highlight", text)
        assert house.stored.current().subtitles.word_level_highlight is value
    house.keys.put("preferred_audio_languages", "jpn | eng,fre")
    assert house.stored.current().subtitles.preferred_audio_languages == ["jpn", "eng", "fre"]
    changed = house.keys.get("preferred_audio_languages")
    assert (changed.value, changed.updated_at is not None) == ("jpn,eng,fre", True)
    house.keys.remove("preferred_audio_languages")
    assert house.keys.get("preferred_audio_languages").value == "eng"
    assert StoredSettings(house.database).current().subtitles.word_level_highlight is False


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("worker_cpu_count", "many", "integer"),
        ("worker_cpu_count", "-1", "at least 0"),
        ("scanner_enabled", "perhaps", "boolean"),
        ("model_idle_s", "soon", "float"),
        ("scanner_cron", "at night", "cron"),
        ("library_paths", "media", "absolute"),
        ("skip_if_audio_languages", "english,klingonish", "klingonish"),
        ("transcribe_device", "abacus", "cpu"),
        ("operation_mode", "sleeping", "standalone"),
    ],
)
def test_a_value_that_does_not_fit_names_key_and_reason(house, key, text, reason):
    before = house.keys.get(key).value
    with pytest.raises(Invalid, match=reason) as told:
        house.keys.put(key, text)
    assert key in str(told.value)
    assert house.keys.get(key).value == before


def test_several_are_changed_all_or_none(house):
    assert house.keys.change({"worker_cpu_count": "2", "scanner_enabled": "true"}) == 2
    with pytest.raises(Invalid) as told:
        house.keys.change({"worker_cpu_count": "3", "colour": "red", "whisper_threads": "x"})
    assert "colour" in str(told.value)
    assert "whisper_threads" in str(told.value)
    assert house.keys.get("worker_cpu_count").value == "2"


@pytest.mark.parametrize(
    "key", ["api_host", "api_port", "scanner_scan_count", "scanner_last_scan_time"]
)
def test_some_are_only_shown(house, key):
    with pytest.raises(Refused):
        house.keys.put(key, "1")
    with pytest.raises(Refused):
        house.keys.remove(key)
    assert house.keys.get("api_port").value == "8356"


def test_what_the_environment_fixes_is_refused(house, monkeypatch):
    monkeypatch.setenv("MEDIANT_SUBTITLES__WHISPER_THREADS", "3")
    with pytest.raises(Refused, match="MEDIANT_SUBTITLES__WHISPER_THREADS"):
        house.keys.put("whisper_threads", "5")


def test_secrets_are_hidden_and_survive_a_form_that_sends_them_back(house):
    house.keys.put("bazarr_api_key", "s3cret")
    assert house.keys.get("bazarr_api_key").value == HIDDEN
    assert "s3cret" not in str(house.keys.list_settings())
    house.keys.change({"bazarr_api_key": HIDDEN, "whisper_threads": "2"})
    assert house.stored.current().subtitles.bazarr_api_key.get_secret_value() == "s3cret"
    house.keys.put("bazarr_api_key", "")
    assert house.keys.get("bazarr_api_key").value == ""


def test_users_make_settings_of_their_own(house):
    made = house.keys.create(
        "my_number", "7", description="Mine.", category="mine", value_type="integer"
    )
    assert (made.value, made.category, made.description) == ("7", "mine", "Mine.")
    assert [one.key for one in house.keys.list_settings("mine")] == ["my_number"]
    with pytest.raises(Refused):
        house.keys.create("my_number", "8")
    with pytest.raises(Refused):
        house.keys.create("whisper_model", "tiny")
    with pytest.raises(Invalid):
        house.keys.put("my_number", "eight")
    assert house.keys.put("my_number", "8").value == "8"
    assert house.keys.change({"my_number": "9", "whisper_threads": "2"}) == 2
    with pytest.raises(Invalid):
        house.keys.change({"my_number": "10", "whisper_threads": "x"})
    assert house.keys.get("my_number").value == "9"
    house.keys.remove("my_number")
    for act in (house.keys.get, house.keys.remove):
        with pytest.raises(NotFound):
            act("my_number")
    with pytest.raises(NotFound):
        house.keys.put("my_number", "1")


@pytest.mark.parametrize(("key", "kind"), [(" x", "string"), ("", "string"), ("x", "colour")])
def test_own_settings_need_a_key_and_a_type(house, key, kind):
    with pytest.raises(Invalid):
        house.keys.create(key, "1", value_type=kind)


def test_init_defaults_adds_only_what_is_missing(house):
    assert house.keys.init_defaults() == len(list_keys())
    house.keys.put("whisper_threads", "2")
    before = house.keys.get("whisper_threads")
    assert house.keys.init_defaults() == 0
    assert house.keys.get("whisper_threads") == before


@pytest.mark.parametrize("one", list_keys(), ids=lambda one: one.key)
def test_every_default_can_be_written_back(one):
    if not one.is_read_only:
        value = read_value(one, one.default)
        assert to_text(value) == one.default
        assert SubtitlesSettings(**{one.key: value}) == SubtitlesSettings()


def test_lists_with_commas_inside_come_back():
    (paths,) = [one for one in list_keys() if one.key == "library_paths"]
    odd = ["/media/a,b", "/media/c|d"]
    assert read_value(paths, to_text(odd)) == odd


def test_a_change_is_heard_at_once_and_sees_the_new_value(house):
    heard = []
    listener = SettingsListener(
        house.bus, "test", lambda: heard.append(house.stored.current().subtitles.whisper_threads)
    )
    listener.start()
    house.stored.change({"jobs.drain_s": 1})
    house.keys.put("whisper_threads", "7")
    wait_until(lambda: heard == [7])
    listener.stop()


def test_a_follower_that_fails_is_asked_again(house, caplog):
    asked = []

    def fail():
        asked.append(1)
        raise MediantError("not now")

    listener = SettingsListener(house.bus, "test", fail)
    listener.start()
    house.keys.put("whisper_threads", "7")
    wait_until(lambda: len(asked) == 1)
    house.keys.put("whisper_threads", "8")
    wait_until(lambda: len(asked) == 2)
    listener.stop()
    assert "not now" in caplog.text


def test_names_of_the_section():
    assert {one.name for one in list_keys()} >= {f"{SECTION}.whisper_model"}
