"""What tagging leaves in the database and in the file, on SQLite and on PostgreSQL."""

import json
import os
import shutil

import pytest
from sqlalchemy import event, func, select, update
from tests.integration.tagging.house import PowerCut, make_house

from mediant.errors import Invalid, MediaError, NotFound
from mediant.jobs.job import JobState
from mediant.store.schema_library import file
from mediant.store.schema_library import media as media_table
from mediant.store.schema_tagging import embedding, head, score, tag_value, track
from mediant.tagging.write import read_own
from mediant.testing.models import write_head


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


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg", "opus", "m4a"])
def test_a_full_write_is_in_the_file_and_undone_exactly(house, media, suffix):
    path = media.song(f"song.{suffix}", 12)
    before = path.read_bytes()
    summary = house.tag(path, write_mode="full")
    own = read_own(path, "nom")
    report = house.tagging.show(path)
    assert summary["write"] == "written"
    assert summary["tags_written"] == len(own) > 10
    assert own.keys() == report.tags.keys()
    assert own["mood-loose"] == report.tags["mood-loose"]
    assert own["nom_version"] == [report.facts["suite"]]
    assert report.facts["written_mode"] == "full"
    assert [one.state for one in report.writes] == ["applied"]
    assert house.matches_disk(path)
    assert not report.is_outdated

    assert house.tag(path)["skipped"] is True  # the next scan or request sees nothing to do
    assert house.undo(path)["outcome"] == "exact"
    assert path.read_bytes() == before
    assert house.write_states() == ["undone"]
    assert house.matches_disk(path)
    assert house.tagging.show(path).facts["written_mode"] is None
    with pytest.raises(NotFound):
        house.tagging.undo(path)


def test_minimal_writes_moods_only(house, media):
    path = media.song("song.mp3")
    house.tag(path, write_mode="minimal")
    own = read_own(path, "nom")
    assert own
    assert set(own) <= {"mood-strict", "mood-regular", "mood-loose"}


def test_only_the_write_is_done_when_the_analysis_is_current(house, media):
    path = media.song("song.flac")
    house.tag(path)
    house.tag(path, write_mode="full")
    assert house.stages == ["write"]
    assert set(read_own(path, "nom")) == set(house.tagging.show(path).tags)
    assert house.matches_disk(path)
    assert house.tagging.show(path).heads


def test_genres_keep_their_order_in_a_later_write(house, media):
    path = media.song("song.flac")
    house.tag(path)
    file_id = house.tagging.show(path).file_id
    told = {"genres": [{"word": "Rock"}, {"word": "Indie"}]}
    with house.database.write() as tx:
        tx.execute(update(track).values(explanation=json.dumps(told)))
        rows = [{"file_id": file_id, "key": "genre", "value": word} for word in ("Indie", "Rock")]
        tx.execute(tag_value.delete().where(tag_value.c.key == "genre"))
        tx.execute(tag_value.insert(), rows)
    house.tag(path, write_mode="full")
    assert read_own(path, "nom")["genre"] == ["Rock", "Indie"]


def test_the_librarys_own_mode_applies(house, media):
    path = media.song("song.flac")
    house.library.add_library("Music", path.parent, write_mode="minimal")
    house.tag(path)
    assert set(read_own(path, "nom")) <= {"mood-strict", "mood-regular", "mood-loose"}


def test_removing_our_tags_is_an_act_of_its_own(house, media):
    path = media.song("song.flac")
    house.tag(path, write_mode="full")
    house.tag(path, write_mode="none", force=True)
    assert read_own(path, "nom")
    summary = house.run(house.tagging.remove_tags(path).job_id)
    assert summary["write"] == "written"
    assert read_own(path, "nom") == {}
    assert house.tagging.show(path).tags
    assert house.tagging.show(path).facts["written_mode"] is None
    assert house.matches_disk(path)
    assert house.tagging.read_own_tags(path) == {}
    house.undo(path)
    assert house.tagging.read_own_tags(path) == read_own(path, "nom") != {}


def test_a_container_without_tags_of_ours_is_told_and_kept(house, media):
    path = media.song("song.wma")
    summary = house.tag(path, write_mode="full")
    assert summary["write_skipped"] == "unsupported_container"
    assert summary["tags_written"] == 0
    report = house.tagging.show(path)
    assert report.state == "tagged"
    assert report.facts["written_mode"] is None
    assert report.facts["write_error"] == "Tags cannot be written into this kind of file."


def test_a_write_that_fails_keeps_the_results_and_says_so(house, media):
    path = media.song("song.flac")
    os.link(path, path.with_name("other name.flac"))
    summary = house.tag(path, write_mode="full")
    assert summary["write"] == "failed"
    assert summary["write_error_code"] == "hard_linked"
    assert "tagging.break_hard_links" in summary["write_error"]
    assert summary["tags_written"] == 0
    report = house.tagging.show(path)
    assert (report.state, report.facts["written_mode"]) == ("tagged", None)
    assert "tagging.break_hard_links" in report.facts["write_error"]
    assert house.write_states() == []
    path.with_name("other name.flac").unlink()
    assert house.tag(path, write_mode="full")["write"] == "written"
    assert house.tagging.show(path).facts["write_error"] is None


def test_hard_links_are_broken_where_that_is_allowed(database, media, small_models):
    house = make_house(database, small_models, break_hard_links=True)
    path = media.song("song.flac")
    other = path.with_name("other name.flac")
    os.link(path, other)
    before = path.read_bytes()
    assert house.tag(path, write_mode="full")["write"] == "written"
    assert read_own(path, "nom")
    assert other.read_bytes() == before
    os.link(path, path.with_name("a third name.flac"))
    assert house.undo(path)["outcome"] == "exact"
    assert path.read_bytes() == other.read_bytes() == before
    house.tools.close()


def test_a_key_that_no_container_can_hold_costs_the_write_only(
    database, media, small_models, tmp_path
):
    models = tmp_path / "models"
    shutil.copytree(small_models, models)
    write_head(models, "mood_strict", ["one", "two", "three"], bias=[4.0, 0.0, 0.0])
    house = make_house(database, models)
    path = media.song("song.flac")
    before = path.read_bytes()
    summary = house.tag(path, write_mode="full")
    assert (summary["write"], summary["write_error_code"]) == ("failed", "invalid")
    assert "'mood_strict'" in summary["write_error"]
    assert path.read_bytes() == before
    assert leftovers(path.parent) == []
    report = house.tagging.show(path)
    assert report.state == "tagged"
    assert "mood_strict" in report.tags
    house.tools.close()


def leftovers(folder):
    return [found.name for found in folder.iterdir() if "mediant~" in found.name]


def test_power_lost_before_the_file_was_replaced(house, media):
    path = media.song("song.flac")
    before = path.read_bytes()
    with pytest.raises(PowerCut):
        house.tag(path, write_mode="full", cut_at="prepared")
    assert path.read_bytes() == before
    assert house.write_states() == ["prepared"]
    assert house.tag(path, write_mode="full")["write"] == "written"
    assert house.write_states() == ["applied"]
    assert leftovers(path.parent) == []
    house.undo(path)
    assert path.read_bytes() == before


def test_power_lost_after_the_file_was_replaced(house, media):
    path = media.song("song.flac")
    before = path.read_bytes()
    with pytest.raises(PowerCut):
        house.tag(path, write_mode="full", cut_at="applied")
    assert path.read_bytes() != before
    assert house.write_states() == ["prepared"]
    summary = house.tag(path, write_mode="full")
    assert summary["write"] == "unchanged"
    assert house.write_states() == ["applied"]
    assert house.matches_disk(path)
    assert house.tagging.show(path).facts["written_mode"] == "full"
    house.undo(path)
    assert path.read_bytes() == before


def test_an_unfinished_write_can_be_undone_without_another_attempt(house, media):
    path = media.song("song.flac")
    before = path.read_bytes()
    with pytest.raises(PowerCut):
        house.tag(path, write_mode="full", cut_at="applied")
    assert house.undo(path)["outcome"] == "exact"
    assert path.read_bytes() == before


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


def test_a_write_mode_that_rises_is_written_from_what_is_stored(house, media):
    song = media.song("song.flac")
    other = media.song("never analysed.flac")
    before = house.library.add_library("Music", media.folder)
    house.library.register(other)
    house.tag(song)
    untouched = song.read_bytes()
    full = house.library.change_library(before.id, write_mode="full")
    assert house.tagging.write_after_rise(before, full) == 1
    assert house.tagging.write_after_rise(before, full) == 0  # it is queued already
    (job,) = house.queue.list_jobs(states=[JobState.QUEUED])
    summary = house.run(job.id)
    assert (summary["write"], summary["write_mode"]) == ("written", "full")
    assert house.stages == ["write"]
    assert read_own(song, "nom").keys() == house.tagging.show(song).tags.keys()
    written = song.read_bytes()
    assert written != untouched
    none = house.library.change_library(before.id, write_mode="none")
    assert house.tagging.write_after_rise(full, none) == 0
    assert house.tagging.write_after_rise(full, full) == 0
    assert song.read_bytes() == written
    assert house.queue.list_jobs(states=[JobState.QUEUED]) == []


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
