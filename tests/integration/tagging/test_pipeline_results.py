"""What tagging leaves in the database and in the file, on SQLite and on PostgreSQL."""

import shutil

import pytest
from sqlalchemy import event, func, select
from tests.integration.tagging.house import make_house

from mediant.errors import Invalid, MediaError, NotFound
from mediant.store.schema_library import file
from mediant.store.schema_library import media as media_table
from mediant.store.schema_tagging import embedding, head, score, tag_value, track


def count(house, table):
    return house.read(lambda c: c.scalar(select(func.count()).select_from(table)))


def test_a_tagged_file_is_stored_and_untouched(house, media):
    path = media.song("song.flac", 12, artist="Somebody", title="Something", date="1999-05-01")
    before = path.read_bytes()
    summary = house.tag(path)
    assert path.read_bytes() == before
    assert summary["file"] == str(path)
    assert summary["heads_processed"] == 7
    assert summary["heads_failed"] == 0
    assert summary["tags_written"] == 0
    assert summary["duration_s"] == pytest.approx(12, abs=0.1)
    assert summary["head_results"]["msd-musicnn/mood_happy"] == {"status": "success"}
    assert summary["mood_aggregations"]["mood-loose"] >= 2

    report = house.tagging.show(path)
    assert report.state == "tagged"
    assert report.error is None
    assert not report.is_outdated
    assert report.media["artist"] == "Somebody"
    assert report.media["year"] == 1999
    assert report.media["container"] == "flac"
    assert {one.name for one in report.heads} >= {"mood_happy", "mood_sad", "tags"}
    assert {one.dim for one in report.embeddings} == {200, 1280}
    assert report.facts["calibration"] == "built-in"
    happy = next(one for one in report.heads if one.name == "mood_happy")
    assert list(happy.labels) == ["happy", "non_happy"]
    told = next(one for one in report.explanation["moods"] if one["word"] == "happy")
    assert told["raw"] == pytest.approx(happy.labels["happy"]["trimmed"], abs=1e-4)
    assert "happy" in told["why"]
    assert house.tagging.count_tracks() == {"tagged": 1, "failed": 0, "skipped": 0}
    assert [event.topic for event in house.events] == ["track.tagged"]
    fingerprint = house.read(lambda c: c.scalar(select(file.c.fingerprint)))
    assert len(fingerprint) == 16


def test_tagging_twice_leaves_the_same_rows(house, media):
    path = media.song("song.flac")
    house.tag(path)
    tables = (track, head, score, embedding, tag_value, media_table)
    once = [count(house, table) for table in tables]
    house.tag(path, force=True)
    assert [count(house, table) for table in tables] == once


def test_a_current_file_is_skipped_and_its_version_told(house, media):
    path = media.song("song.flac")
    house.tag(path)
    version = house.tagging.show(path).facts["suite"]
    summary = house.tag(path)
    assert summary["skipped"] is True
    assert summary["skip_reason"] == f"already_tagged_{version}"
    assert summary["tags_written"] == 0
    assert house.tag(path, force=True)["heads_processed"] == 7


def test_a_changed_file_is_analysed_again(house, media):
    path = media.song("song.flac")
    house.tag(path)
    other = media.song("other.flac", 15)
    shutil.copyfile(other, path)
    assert house.tag(path)["duration_s"] == pytest.approx(15, abs=0.1)


def test_an_unusable_file_is_a_row_with_its_reason(house, media):
    for path, state, code in (
        (media.noise("noise.mp3"), "failed", "corrupt"),
        (media.silence("silence.flac"), "skipped", "silent"),
        (media.song("jingle.wav", 3), "skipped", "too_short"),
    ):
        with pytest.raises(MediaError):
            house.tag(path)
        report = house.tagging.show(path)
        assert (report.state, report.error_code) == (state, code)
        assert report.error
        assert house.events[-1].topic == "track.failed"
        assert house.events[-1].payload["code"] == code
    assert house.tagging.count_tracks() == {"tagged": 0, "failed": 1, "skipped": 2}


def test_results_outlive_a_failure_of_the_same_content_only(house, media):
    path = media.song("song.flac")
    house.tag(path)
    entry = house.library.find_file(path)
    job = house.queue.get_job(house.tagging.tag_path(path, force=True)[0].job_id)
    with house.database.write() as tx:
        house.kinds["tag"].failed(tx, job, "decode_timeout", "Decoding took too long.")
    report = house.tagging.show(path)
    assert (report.state, report.error_code) == ("tagged", "decode_timeout")
    assert report.heads

    path.write_bytes(b"no music any more" * 100)
    house.library.register(path)
    with pytest.raises(MediaError):
        house.run(job.id)
    report = house.tagging.show(file_id=entry.id)
    assert report.state == "failed"
    assert report.heads == []
    assert report.tags == {}
    assert report.facts["suite"] is None


def test_only_what_needs_it_is_enqueued(house, media):
    paths = [media.song(f"{n}.flac") for n in range(3)]
    broken = media.noise("broken.mp3")
    entry = house.library.add_library("Music", media.folder)
    ids = [house.library.register(path).id for path in (*paths, broken)]
    house.tag(paths[0])
    with pytest.raises(MediaError):
        house.tag(broken)
    with house.database.write() as tx:
        jobs = house.tagging.pending_jobs(tx, entry.id, ids)
    assert [job.payload["path"] for job in jobs] == [str(path) for path in paths[1:]]
    assert [job.dedup_key for job in jobs] == [str(number) for number in ids[1:3]]
    assert house.tagging.tag_library(entry.id) == 2
    assert house.tagging.tag_library(entry.id) == 0  # they are queued already
    assert house.tagging.tag_library(entry.id, force=True) == 2


def test_other_models_make_everything_pending(database, media, small_models, tmp_path):
    house = make_house(database, small_models)
    path = media.song("song.flac")
    entry = house.library.add_library("Music", media.folder)
    house.tag(path)
    assert house.tagging.tag_library(entry.id) == 0
    fewer = tmp_path / "models"
    shutil.copytree(small_models / "msd-musicnn", fewer / "msd-musicnn")
    house.tools.close()
    changed = make_house(database, fewer)
    assert changed.tagging.tag_library(entry.id) == 1
    assert changed.tag(path)["heads_processed"] == 5
    names = {one.model for one in changed.tagging.show(path).heads}
    assert names == {"msd-musicnn"}
    changed.tools.close()


def test_pending_files_are_those_that_lack_the_librarys_own_mode(house, media):
    song = media.song("song.flac")
    entry = house.library.add_library("Music", media.folder, write_mode="minimal")
    house.tag(song)
    file_id = house.library.find_file(song).id

    def pending():
        with house.database.write() as tx:
            return house.tagging.pending_jobs(tx, entry.id, [file_id])

    assert pending() == []
    house.library.change_library(entry.id, write_mode="full")
    assert [job.payload["file_id"] for job in pending()] == [file_id]
    house.library.change_library(entry.id, write_mode="none")
    assert pending() == []
    house.library.change_library(entry.id, write_mode="full")
    assert house.tagging.tag_library(entry.id) == 1


def test_a_folder_is_recorded_in_few_transactions(house, media):
    for n in range(2100):
        media.folder.joinpath(f"{n:04}.mp3").touch()
    committed: list[object] = []
    keep = committed.append
    event.listen(house.database.engine, "commit", keep)
    jobs = house.tagging.tag_path(media.folder)
    event.remove(house.database.engine, "commit", keep)
    assert len({job.job_id for job in jobs}) == 2100
    assert house.library.statistics().files == 2100
    assert len(committed) < 50


def test_a_folder_is_tagged_file_by_file(house, media):
    for n in range(3):
        media.song(f"{n}.flac")
    jobs = house.tagging.tag_path(media.folder)
    assert len({one.job_id for one in jobs}) == 3
    assert all(one.created for one in jobs)
    assert not any(one.created for one in house.tagging.tag_path(media.folder))


def test_wrong_wishes_are_refused(house, media, tmp_path):
    path = media.song("song.flac")
    with pytest.raises(Invalid):
        house.tagging.tag_path(path, write_mode="everything")
    with pytest.raises(NotFound):
        house.tagging.show(path)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(NotFound):
        house.tagging.tag_path(tmp_path / "nothing")
    with pytest.raises(Invalid):
        house.tagging.show()


def test_a_file_removed_meanwhile_is_no_error(house, media):
    path = media.song("song.flac")
    entry = house.library.add_library("Music", media.folder)
    job_id = house.tagging.tag_path(path)[0].job_id
    house.library.remove_library(entry.id)
    with pytest.raises(NotFound):
        house.run(job_id)
    assert house.tagging.count_tracks()["tagged"] == 0
