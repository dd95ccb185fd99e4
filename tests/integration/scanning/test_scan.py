"""Scans of real videos: what is found, judged, counted and queued."""

import os

import pytest
from sqlalchemy import func, select

from mediant.errors import Forbidden, Invalid, Refused
from mediant.jobs.job import JobState
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_subtitles import inspection
from mediant.subtitles.scanning.scan_jobs import merge_scans
from mediant.testing.videos import Sound, Text

SPANISH = {"name": "To Spanish", "target_language": "spa", "missing_external_subtitle_lang": "spa"}


def counts(scan):
    return (scan.scanned, scan.matched, scan.created, scan.skipped)


def test_a_matching_video_gets_one_job(house, media, videos):
    house.rules.create(
        SPANISH | {"audio_language_is": "ja", "job_priority": 7, "quality_preset": "best"}
    )
    anime = videos.video("Anime/01.mkv", [Sound("jpn")])
    videos.video("Film.mp4", [Sound("eng")])
    scan = house.scan(media)
    assert counts(scan) == (2, 1, 1, 0)
    assert (scan.paths, scan.missing, scan.waiting) == ((str(media),), (), 0)
    assert scan.finished_at is not None
    job = house.wanted()["01.mkv"]
    told = {
        "path": str(anime),
        "source_lang": "jpn",
        "target_lang": "spa",
        "mode": "transcribe",
        "preset": "best",
        "is_manual": False,
        "track": 0,
    }
    assert told.items() <= job.payload.items()
    assert (job.priority, job.dedup_key) == (7, f"{os.path.realpath(anime)}|spa")


def test_a_second_scan_makes_no_second_job_and_inspects_nothing(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("Film.mkv", [Sound("eng")])
    first = house.scan(media)
    looks = len(house.queue.list_jobs(kind="inspect_videos"))
    second = house.scan(media)
    assert (first.created, second.created, second.matched, second.skipped) == (1, 0, 1, 1)
    assert len(house.queue.list_jobs(kind="inspect_videos")) == looks == 1
    log = [line.text for line in house.queue.list_log(second.job_id)]
    assert any("Film.mkv" in text and "under way" in text for text in log)
    house.end_all()
    assert house.scan(media).created == 1


def test_a_changed_video_is_inspected_again(house, media, videos):
    house.rules.create(SPANISH | {"audio_language_is": "eng"})
    videos.video("Film.mkv", [Sound("fre")])
    assert house.scan(media).matched == 0
    videos.video("Film.mkv", [Sound("eng")], seconds=3.0)
    assert house.scan(media).matched == 1


def test_the_first_rule_wins_and_rules_that_are_off_are_not_asked(house, media, videos):
    house.rules.create(SPANISH | {"priority": 1})
    house.rules.create({"name": "German", "target_language": "ger", "priority": 5})
    off = house.rules.create({"name": "French", "target_language": "fre", "priority": 9})
    house.rules.toggle(off.rule.id)
    videos.video("Film.mkv", [Sound("eng")])
    house.scan(media)
    assert house.wanted()["Film.mkv"].payload["target_lang"] == "deu"


def test_what_a_rule_asks_for_beside_the_video_is_found_anew_each_time(house, media, videos):
    house.rules.create(SPANISH)
    film = videos.video("Film.mkv", [Sound("eng")])
    spanish = videos.external(film, "es")
    assert house.scan(media).matched == 0
    spanish.unlink()
    videos.external(film, "es.forced")
    assert house.scan(media).created == 1


def test_broken_and_silent_files_are_told_and_queue_nothing(house, media, videos):
    house.rules.create({"name": "All", "target_language": "spa"})
    videos.broken("Bad.mkv")
    videos.video("Mute.mkv", [])
    scan = house.scan(media)
    assert counts(scan) == (2, 1, 0, 1)
    log = [line.text for line in house.queue.list_log(scan.job_id)]
    assert any("Bad.mkv cannot be read" in text for text in log)
    assert any("Mute.mkv" in text and "no audio" in text for text in log)
    assert counts(house.scan(media)) == (2, 1, 0, 1)


def test_hidden_foreign_and_unreadable_things_are_passed_over(house, media, videos):
    house.rules.create(SPANISH)
    videos.video(".hidden/a.mkv")
    videos.video(".b.mkv")
    videos.video("@eaDir/c.mkv")
    (media / "notes.txt").write_text("x")
    (media / "dead.mkv").symlink_to(media / "nowhere.mkv")
    (media / os.fsdecode(b"caf\xe9.mkv")).write_bytes(b"x")
    scan = house.scan(media)
    assert counts(scan) == (0, 0, 0, 0)
    assert any("leads nowhere" in line for line in house.lines)
    assert any("not valid UTF-8" in line for line in house.lines)


def test_links_are_followed_but_never_in_circles_nor_out_of_the_library(
    house, media, videos, tmp_path
):
    house.rules.create(SPANISH)
    film = videos.video("films/Film.mkv", [Sound("eng")])
    (media / "films" / "loop").symlink_to(media)
    (media / "a-link").symlink_to(media / "films")
    outside = tmp_path / "outside"
    outside.mkdir()
    film.rename(outside / "Real.mkv")
    (media / "Linked.mkv").symlink_to(outside / "Real.mkv")
    (media / "linked").symlink_to(outside)
    scan = house.scan(media)
    assert scan.scanned == 2
    assert set(house.wanted()) == {"Linked.mkv"}
    house.set(library_paths=[str(media)])
    assert house.scan().scanned == 0
    assert any("outside the library" in line for line in house.lines)


def test_folders_that_are_away_are_missing_not_empty(house, media, videos, tmp_path):
    house.rules.create(SPANISH)
    videos.video("Film.mkv", [Sound("eng")])
    gone = tmp_path / "gone"
    scan = house.scan(media, gone)
    assert (scan.paths, scan.missing) == ((str(media),), (str(gone),))
    (media / "Film.mkv").rename(tmp_path / "Film.mkv")  # an unmounted disk leaves an empty folder
    scan = house.scan(media)
    assert (scan.paths, scan.missing) == ((), (str(media),))


def test_a_flat_scan_looks_into_no_folder(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("Film.mkv", [Sound("eng")])
    videos.video("deep/Other.mkv", [Sound("eng")])
    assert house.scan(media, recursive=False).scanned == 1
    assert house.scan(media).scanned == 2


def test_single_files_and_nested_folders_are_looked_at_once(house, media, videos):
    house.rules.create(SPANISH)
    film = videos.video("a/Film.mkv", [Sound("eng")])
    assert house.scan(film).scanned == 1
    scan = house.scan(media, media / "a", film)
    assert (scan.scanned, scan.created) == (2, 0)


def test_scans_need_paths_and_stay_in_the_library(house, media, tmp_path):
    with pytest.raises(Invalid, match="library_paths"):
        house.scanner.scan()
    with pytest.raises(Invalid, match="absolute"):
        house.scanner.scan(["media"])
    house.set(library_paths=[str(media)])
    (media / "out").symlink_to(tmp_path)
    with pytest.raises(Forbidden):
        house.scanner.scan([media / "out"])
    with pytest.raises(Forbidden):
        house.scanner.scan([tmp_path])


def test_operation_mode_without_standalone_scans_nothing(house, media):
    house.set(library_paths=[str(media)], operation_mode=["provider"])
    with pytest.raises(Refused, match="operation_mode"):
        house.scanner.scan()
    house.set(operation_mode=["standalone", "provider"])
    assert house.scan().finished_at is not None


def test_a_part_that_comes_twice_counts_once(house, media, videos):
    house.rules.create(SPANISH)
    for name in ("a.mkv", "b.mkv", "c.mkv"):
        videos.video(name, [Sound("eng")])
    house.scan(media)
    house.end_all()
    scan = house.scan(media)
    watch = next(one for one in reversed(house.watches) if one.job.kind == "scan_videos")
    house.absorb(watch.kind, watch.job, watch.parts[0])
    assert counts(house.scanner.read_scan(scan.job_id)) == (3, 3, 3, 0)
    assert len(house.wanted()) == 3


def test_a_later_attempt_counts_its_files_anew_but_not_its_jobs(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("a.mkv", [Sound("eng")])
    videos.video("b.mkv", [Sound("eng")])
    job_id = house.scanner.scan([media]).job_id
    house.run(job_id)  # its looks are still queued when the worker is said to have died
    house.run(job_id, attempt=2)
    house.run_waiting()
    scan = house.scanner.read_scan(job_id)
    assert counts(scan) == (2, 2, 2, 0)
    assert (scan.waiting, scan.attempt) == (0, 2)
    assert len(house.wanted()) == 2


def test_a_look_that_is_given_up_does_not_hold_the_scan(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("a.mkv", [Sound("eng")])
    job_id = house.scanner.scan([media]).job_id
    house.run(job_id)
    assert house.scanner.read_scan(job_id).finished_at is None
    (look,) = house.queue.list_jobs(kind="inspect_videos")
    with house.database.write() as tx:
        house.kinds["inspect_videos"].failed(tx, look, "poison", "The worker died.")
    scan = house.scanner.read_scan(job_id)
    assert (scan.waiting, scan.scanned) == (0, 0)
    assert scan.finished_at is not None
    assert "were not seen" in house.queue.list_log(job_id)[-1].text


def test_an_inspection_of_another_form_is_made_anew(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("a.mkv", [Sound("eng")])
    house.scan(media)
    with house.database.write() as tx:
        tx.execute(inspection.update().values(facts='{"form": 0}'))
    assert house.scan(media).scanned == 1
    assert len(house.queue.list_jobs(kind="inspect_videos")) == 2


def test_embedded_forced_subtitles_cover_nothing(house, media, videos):
    house.rules.create(
        {"name": "r", "target_language": "spa", "missing_embedded_subtitle_lang": "spa"}
    )
    videos.video("Forced.mkv", [Sound("eng")], [Text("spa", is_forced=True)])
    videos.video("Full.mkv", [Sound("eng")], [Text("spa")])
    house.scan(media)
    assert set(house.wanted()) == {"Forced.mkv"}


def test_equal_scans_share_a_job_and_wider_ones_follow(house, media, tmp_path):
    first = house.scanner.scan([media])
    again = house.scanner.scan([media])
    wider = house.scanner.scan([tmp_path], recursive=False)
    assert (again.job_id, again.created, wider.job_id) == (first.job_id, False, first.job_id)
    payload = house.queue.get_job(first.job_id).payload
    assert (payload["paths"], payload["flat"]) == ([str(media)], [str(tmp_path)])
    with house.database.write() as tx:
        tx.execute(job_table.update().values(state=JobState.RUNNING.value))
    assert not house.scanner.scan([media]).follows
    assert house.scanner.scan([media / "more"]).follows


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        ({"paths": None}, {"paths": ["/a"]}, {"paths": None}),
        ({"paths": ["/a"]}, {"paths": ["/b"]}, {"paths": ["/a", "/b"]}),
        (
            {"paths": ["/a"], "is_recursive": False},
            {"paths": ["/b"]},
            {"paths": ["/b"], "flat": ["/a"]},
        ),
        ({"paths": ["/a"], "settle_s": 5.0}, {"paths": ["/a"]}, {"paths": ["/a"]}),
        (
            {"paths": ["/a"], "settle_s": 5.0, "only_new": True},
            {"paths": ["/a"], "settle_s": 2.0, "only_new": True},
            {"paths": ["/a"], "settle_s": 2.0, "only_new": True},
        ),
        ({"paths": ["/a"], "only_new": True}, {"paths": ["/a"]}, {"paths": ["/a"]}),
    ],
)
def test_merged_scans_do_what_both_ask_for(one, other, merged):
    origin = {"origin": "manual"}
    assert merge_scans(one | origin, other | origin) == {**merged, **origin, "is_recursive": True}


def test_rows_of_the_watch_do_not_count_as_scans(house, media, videos):
    house.rules.create(SPANISH)
    videos.video("a.mkv", [Sound("eng")])
    house.scan(media, origin="watch")
    house.scan(media)
    status = house.scanner.status()
    assert status.total_scans == 1
    assert status.last_scan_time is not None
    assert house.keys.get("scanner_scan_count").value == "1"
    assert house.keys.get("scanner_total_files_scanned").value == "1"
    assert house.keys.get("scanner_last_scan_time").value.startswith("20")
    with house.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(inspection)) == 1


def test_a_dry_run_counts_and_queues_nothing(house, media, videos):
    house.rules.create(SPANISH)
    film = videos.video("Film.mkv", [Sound("eng")])
    for _ in range(2):  # the second time it knows the file
        dry = house.scan(media, dry_run=True)
        assert counts(dry) == (1, 1, 1, 0)
        assert house.wanted() == {}
        log = [line.text for line in house.queue.list_log(dry.job_id)]
        assert [text for text in log if str(film) in text and "would be queued" in text]
    assert counts(house.scan(media)) == (1, 1, 1, 0)
    assert set(house.wanted()) == {"Film.mkv"}


def test_two_dry_runs_at_once_are_a_dry_run(house, media):
    wishes = [house.scanner.scan([media], dry_run=True) for _ in range(2)]
    assert len({wish.job_id for wish in wishes}) == 1
    assert house.queue.get_job(wishes[0].job_id).payload["dry_run"] is True
    real = house.scanner.scan([media])
    assert real.job_id != wishes[0].job_id
    assert "dry_run" not in house.queue.get_job(real.job_id).payload
