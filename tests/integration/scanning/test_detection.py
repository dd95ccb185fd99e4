"""Videos that do not tell their language: it is heard first, then every rule is asked again."""

import os

from mediant.subtitles.scanning.after_detection import jobs_after_detection
from mediant.subtitles.speech.engine import Finding
from mediant.testing.videos import Sound


def heard(house, path, language, confidence=0.9):
    """What follows when this was heard."""
    settings = house.stored.current().subtitles
    with house.database.write() as tx:
        jobs = jobs_after_detection(tx, path, Finding(language, confidence), settings)
    house.queue.enqueue_many(list(jobs))
    return list(jobs)


def test_a_rule_that_asks_for_the_language_waits_for_it(house, media, videos):
    house.rules.create({"name": "j", "target_language": "spa", "audio_language_is": "jpn"})
    film = videos.video("Film.mkv", [Sound()])
    scan = house.scan(media)
    assert (scan.matched, scan.created) == (1, 1)
    (job,) = house.wanted("detect_language").values()
    assert (job.priority, job.dedup_key) == (15, os.path.realpath(film))
    house.end_all()
    (then,) = heard(house, film, "ja")
    assert then.payload["source_lang"] == "jpn"
    assert house.scan(media).created == 0  # under way


def test_all_conditions_are_asked_again_not_only_the_language(house, media, videos):
    rule = {"name": "j", "target_language": "spa", "audio_language_is": "jpn"}
    house.rules.create(rule | {"missing_external_subtitle_lang": "spa"})
    film = videos.video("Film.mkv", [Sound()])
    house.scan(media)
    videos.external(film, "spa")  # while the language was heard
    assert heard(house, film, "ja") == []


def test_what_was_heard_is_kept_while_the_file_is_the_same(house, media, videos):
    house.rules.create({"name": "j", "target_language": "spa", "audio_language_is": "jpn"})
    film = videos.video("Film.mkv", [Sound()])
    house.scan(media)
    house.end_all()
    assert heard(house, film, "en") == []
    assert house.scan(media).matched == 0
    assert not house.wanted("detect_language")
    videos.video("Film.mkv", [Sound()], seconds=3.0)
    assert house.scan(media).created == 1
    assert house.wanted("detect_language")


def test_nothing_heard_is_an_answer_too(house, media, videos):
    house.rules.create({"name": "all", "target_language": "spa"})
    film = videos.video("Film.mkv", [Sound()])
    house.scan(media)
    house.end_all()
    (job,) = heard(house, film, None)
    assert (job.kind, job.payload["source_lang"]) == ("transcribe", None)
    house.set(skip_unknown_language=True)
    assert heard(house, film, None) == []


def test_a_video_in_which_nobody_speaks_is_left_alone(house, media, videos):
    house.rules.create({"name": "all", "target_language": "spa"})
    film = videos.video("Film.mkv", [Sound()])
    house.scan(media)
    house.end_all()
    assert heard(house, film, None, confidence=0.0) == []
    scan = house.scan(media)
    assert (scan.matched, scan.created, scan.skipped) == (1, 0, 1)


def test_a_video_that_has_its_subtitles_is_not_listened_to(house, media, videos):
    rule = {"name": "j", "target_language": "spa", "audio_language_is": "jpn"}
    house.rules.create(rule | {"missing_external_subtitle_lang": "spa"})
    film = videos.video("Film.mkv", [Sound()])
    videos.external(film, "spa")
    scan = house.scan(media)
    assert (scan.matched, scan.created) == (0, 0)


def test_an_unwanted_language_is_heard_before_it_counts(house, media, videos):
    house.rules.create({"name": "n", "target_language": "spa", "audio_language_not": "eng,fre"})
    film = videos.video("Film.mkv", [Sound()])
    house.scan(media)
    assert house.wanted("detect_language")
    house.end_all()
    assert heard(house, film, "fr") == []
    (job,) = heard(house, film, "ja")
    assert job.payload["target_lang"] == "spa"


def test_a_file_that_changed_or_was_never_seen_gives_nothing(house, media, videos):
    house.rules.create({"name": "all", "target_language": "spa"})
    film = videos.video("Film.mkv", [Sound()])
    assert heard(house, film, "ja") == []
    house.scan(media)
    videos.video("Film.mkv", [Sound()], seconds=3.0)
    assert heard(house, film, "ja") == []
