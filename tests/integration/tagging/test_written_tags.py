"""What tagging writes into a file, on SQLite and on PostgreSQL, and how it is taken back."""

import json
import os
import shutil

import pytest
from sqlalchemy import update
from tests.integration.tagging.house import PowerCut, make_house

from mediant.errors import NotFound
from mediant.jobs.job import JobState
from mediant.store.schema_tagging import tag_value, track
from mediant.tagging.write import read_own
from mediant.testing.models import write_head


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
