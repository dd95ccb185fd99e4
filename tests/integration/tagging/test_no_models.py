"""Without music models nothing is queued, decoded or forgotten: their folder may only be away."""

import pytest
from tests.integration.tagging.house import make_house

from mediant.errors import ModelError
from mediant.jobs.job import JobState
from mediant.tagging.write import read_own


@pytest.fixture
def models(small_models, tmp_path):
    """The models folder: a name that can be taken away."""
    folder = tmp_path / "models"
    folder.symlink_to(small_models)
    return folder


@pytest.fixture
def house(database, models):
    built = make_house(database, models)
    yield built
    built.tools.close()


@pytest.fixture
def unmount(models, house):
    def act():
        models.unlink()
        models.mkdir()
        house.tools.close()  # a worker loads nothing anew that it holds

    return act


def _pending(house, library):
    """What a scan and the sweep after it would queue for every file of a library."""
    entry = house.library.get_library(library)
    ids = [one.id for one in house.library.list_files(library_id=library)]
    with house.database.write() as tx:
        told = house.tagging.pending_jobs(tx, library, ids)
        swept = house.tagging._find_pending(tx, entry.id, range(1, max(ids) + 1))
    return {int(job.payload["file_id"]) for job in [*told, *swept]}


def test_nothing_is_offered_while_no_model_is_installed(house, media, unmount):
    old = media.song("old.flac")
    music = house.library.add_library("Music", media.folder).id
    house.scan(music)
    house.tag(old)
    before = house.tagging.show(old)
    unmount()
    new = media.song("new.flac")
    house.scan(music)
    assert _pending(house, music) == set()
    assert house.tagging.tell_hindrance().startswith("No music model is installed")
    assert house.tagging.show(old) == before
    with pytest.raises(ModelError, match="No music model"):
        house.tagging.tag_library(music, force=True)
    assert house.queue.list_jobs(states=[JobState.QUEUED]) == []
    assert house.library.find_file(new) is not None


def test_models_that_come_back_find_what_waited(house, media, models, unmount, small_models):
    old = media.song("old.flac")
    music = house.library.add_library("Music", media.folder).id
    house.scan(music)
    house.tag(old)
    unmount()
    new = media.song("new.flac")
    house.scan(music)
    models.rmdir()
    models.symlink_to(small_models)
    assert house.tagging.tell_hindrance() is None
    assert _pending(house, music) == {house.library.find_file(new).id}


def test_a_wish_by_name_fails_before_the_file_is_decoded(house, media, unmount):
    broken = media.corrupt("broken.mp3")
    house.library.add_library("Music", media.folder)
    unmount()
    with pytest.raises(ModelError, match="No music model is installed"):
        house.tag(broken)
    assert house.tagging.show(broken).error_code == "model"


def test_a_wish_for_what_is_known_leaves_it(house, media, unmount):
    path = media.song("song.flac")
    house.library.add_library("Music", media.folder)
    house.tag(path)
    before = house.tagging.show(path)
    unmount()
    told = house.tag(path)
    assert (told["skipped"], told["skip_reason"]) == (
        True,
        f"already_tagged_{before.facts['suite']}",
    )
    assert house.tagging.show(path) == before


def test_what_is_known_can_still_be_written(house, media, unmount):
    path = media.song("song.flac")
    music = house.library.add_library("Music", media.folder).id
    house.tag(path)
    unmount()
    before = house.library.get_library(music)
    after = house.library.change_library(music, write_mode="full")
    assert house.tagging.write_after_rise(before, after) == 1
    (job,) = house.queue.list_jobs(states=[JobState.QUEUED])
    assert house.run(job.id)["write"] == "written"
    assert read_own(path, "nom").keys() == house.tagging.show(path).tags.keys()
