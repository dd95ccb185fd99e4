"""Each setting that scans obey, shown to change what a scan does. No restart between."""

import pytest

from mediant.store.schema_subtitles import written_subtitle
from mediant.testing.videos import Sound, Text

ENGLISH = [Sound("eng")]


@pytest.fixture
def to_spanish(house):
    """One rule that fits everything."""
    house.rules.create({"name": "Spanish", "target_language": "spa"})
    return house


def created(house, media):
    house.end_all()
    return house.scan(media).created


def reasons(house):
    """What the last scan's log says."""
    job = house.queue.list_jobs(kind="scan_videos")[0]
    return " ".join(line.text for line in house.queue.list_log(job.id))


def test_library_paths_are_what_a_scan_walks(to_spanish, media, videos):
    videos.video("Film.mkv", ENGLISH)
    to_spanish.set(library_paths=[str(media)])
    assert to_spanish.scan().created == 1


@pytest.mark.parametrize(
    ("key", "value", "sounds", "texts"),
    [
        ("skip_unknown_language", True, [Sound()], []),
        ("skip_if_audio_languages", ["en"], ENGLISH, []),
        ("skip_if_internal_subtitles_language", "deu", ENGLISH, [Text("ger")]),
        ("skip_subtitle_languages", ["de", "it"], ENGLISH, [Text("ita")]),
    ],
)
def test_skip_settings_keep_a_video_from_its_job(
    to_spanish, media, videos, key, value, sounds, texts
):
    videos.video("Film.mkv", sounds, texts)
    assert created(to_spanish, media) == 1
    to_spanish.set(**{key: value})
    assert created(to_spanish, media) == 0
    assert key in reasons(to_spanish)
    to_spanish.set(**{key: None})
    assert created(to_spanish, media) == 1


def test_skip_if_target_subtitles_exist(to_spanish, media, videos):
    film = videos.video("Film.mkv", ENGLISH)
    videos.external(film, "es")
    assert created(to_spanish, media) == 0
    assert "skip_if_target_subtitles_exist" in reasons(to_spanish)
    to_spanish.set(skip_if_target_subtitles_exist=False)
    assert created(to_spanish, media) == 1


def test_the_exact_output_is_never_made_again(to_spanish, media, videos):
    film = videos.video("Film.mkv", ENGLISH)
    to_spanish.set(skip_if_target_subtitles_exist=False)
    videos.external(film, "spa")
    assert created(to_spanish, media) == 0
    assert "Film.spa.srt exists" in reasons(to_spanish)
    to_spanish.set(subtitle_language_naming_type="ISO_639_1")
    assert created(to_spanish, media) == 1


def test_skip_only_subgen_subtitles_counts_only_made_ones(to_spanish, media, videos):
    film = videos.video("Film.mkv", ENGLISH)
    found = videos.external(film, "es")
    to_spanish.set(skip_only_subgen_subtitles=True)
    assert created(to_spanish, media) == 1
    row = {"path": str(found), "video": str(film), "language": "spa", "sha256": "0"}
    with to_spanish.database.write() as tx:
        tx.execute(
            written_subtitle.insert().values(**row, state="written", job_id=1, written_at=0.0)
        )
    assert created(to_spanish, media) == 0


def test_skip_if_external_subtitles_exist_for_the_named_language(to_spanish, media, videos):
    film = videos.video("Film.mkv", ENGLISH)
    videos.external(film, "fr")
    to_spanish.set(skip_if_external_subtitles_exist=True, subtitle_language_name="fre")
    assert created(to_spanish, media) == 0
    to_spanish.set(subtitle_language_name="ger")
    assert created(to_spanish, media) == 1


def test_lrc_for_audio_files_decides_on_music(to_spanish, media, videos):
    song = videos.video("Song.mp3", [Sound("eng")], has_picture=False)
    to_spanish.set(lrc_for_audio_files=False)
    assert to_spanish.scan(media).scanned == 0
    to_spanish.set(lrc_for_audio_files=True)
    assert to_spanish.scan(media).scanned == 1
    song.with_suffix(".lrc").write_text("[00:01.00]La")
    assert created(to_spanish, media) == 0
    assert "lyrics" in reasons(to_spanish)


def test_a_marker_covers_its_folder_and_all_below(to_spanish, media, videos):
    videos.video("a/b/Film.mkv", ENGLISH)
    to_spanish.set(library_paths=[str(media)])
    (media / "a" / ".nosubs").touch()
    assert to_spanish.scan(media / "a" / "b").created == 0
    assert ".nosubs" in reasons(to_spanish)


def test_preferred_audio_languages_choose_the_track(to_spanish, media, videos):
    videos.video("Film.mkv", [Sound("jpn", is_default=True), Sound("fre"), Sound("eng")])
    to_spanish.scan(media)
    assert to_spanish.wanted()["Film.mkv"].payload["track"] == 2
    to_spanish.end_all()
    to_spanish.set(preferred_audio_languages=["kor", "fra"])
    to_spanish.scan(media)
    payload = to_spanish.wanted()["Film.mkv"].payload
    assert (payload["track"], payload["source_lang"]) == (1, "fra")


def test_audio_in_the_target_language_is_written_down_and_not_translated(to_spanish, media, videos):
    videos.video("Film.mkv", [Sound("eng", is_default=True), Sound("spa")])
    videos.video("Untold.mkv", [Sound(is_default=True), Sound("spa")])
    to_spanish.set(skip_unknown_language=True)  # it counts for the track that is heard
    to_spanish.scan(media)
    for film in ("Film.mkv", "Untold.mkv"):
        payload = to_spanish.wanted()[film].payload
        assert (payload["track"], payload["source_lang"]) == (1, "spa")
    assert not to_spanish.wanted("detect_language")
    to_spanish.end_all()
    to_spanish.set(preferred_audio_languages=["eng", "jpn"])  # somebody wants it so
    to_spanish.scan(media)
    assert to_spanish.wanted()["Film.mkv"].payload["source_lang"] == "eng"


def test_a_rule_that_names_the_audio_has_that_heard(house, media, videos):
    videos.video("Film.mkv", [Sound("eng"), Sound("spa"), Sound("jpn")])
    house.rules.create(
        {"name": "From Japanese", "audio_language_is": "jpn", "target_language": "spa"}
    )
    house.scan(media)
    assert house.wanted()["Film.mkv"].payload["source_lang"] == "jpn"


def test_a_rule_for_what_is_said_is_skipped_by_the_subtitles_of_that(house, media, videos):
    """The track that the rule names says which language the subtitles are in."""
    film = videos.video("Film.mkv", [Sound("eng"), Sound("jpn")])
    videos.external(film, "en")
    house.rules.create({"name": "As it is said", "audio_language_is": "jpn", "target_language": ""})
    house.scan(media)
    assert house.wanted()["Film.mkv"].payload["target_lang"] == "jpn"


def test_force_detected_language_to_spares_the_detection(to_spanish, media, videos):
    videos.video("Film.mkv", [Sound()])
    to_spanish.scan(media)
    assert set(to_spanish.wanted("detect_language")) == {"Film.mkv"}
    to_spanish.end_all()
    to_spanish.set(force_detected_language_to="ko")
    to_spanish.scan(media)
    assert not to_spanish.wanted("detect_language")
    assert to_spanish.wanted()["Film.mkv"].payload["source_lang"] == "kor"
