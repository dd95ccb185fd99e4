"""What a dry run foretells is what the write then does."""

import pytest

from mediant.errors import MediaError
from mediant.tagging.plan import HELD
from mediant.tagging.tags import MINIMAL
from mediant.tagging.wish import UNSUPPORTED
from mediant.tagging.write import read_own


def plan(house, path, **arguments):
    found = house.library.find_file(path)
    return house.tagging.plan_write(found.id, **arguments)


@pytest.mark.parametrize("mode", ["minimal", "full"])
def test_the_plan_is_what_is_written(house, media, mode):
    song = media.song("a.flac")
    house.tag(song, write_mode="none")
    planned = plan(house, song, write_mode=mode)
    assert (planned.mode, planned.reason) == (mode, None)
    assert (set(planned.tags) <= MINIMAL) == (mode == "minimal")
    house.tag(song, write_mode=mode)
    assert read_own(song, "nom") == {key: list(values) for key, values in planned.tags.items()}
    for force in (False, True):
        again = plan(house, song, write_mode=mode, force=force)
        assert (again.tags, again.reason) == ({}, HELD)


def test_without_a_mode_the_librarys_is_in_force(house, media):
    song = media.song("a.flac")
    entry = house.library.add_library("Music", media.folder)
    house.tag(song)
    assert (plan(house, song).mode, dict(plan(house, song).tags)) == ("none", {})
    house.library.change_library(entry.id, write_mode="minimal")
    assert set(plan(house, song).tags) <= MINIMAL
    assert plan(house, song).tags


def test_a_container_without_a_place_and_a_file_that_is_away(house, media):
    wma, gone = media.song("a.wma"), media.song("b.flac")
    house.tag(wma)
    house.tag(gone)
    assert plan(house, wma, write_mode="full").reason == UNSUPPORTED
    gone.unlink()
    with pytest.raises(MediaError, match="not there"):
        plan(house, gone, write_mode="full")


def test_our_tags_of_what_is_no_sound_file(house, media):
    empty = media.folder / "empty.ogg"
    junk, noise, wma = media.corrupt("junk.mp3"), media.text("text.flac"), media.song("a.wma")
    empty.write_bytes(b"")
    for path, code in ((empty, "empty"), (junk, "corrupt"), (noise, "corrupt")):
        house.library.register(path)
        with pytest.raises(MediaError) as refused:
            house.tagging.read_own_tags(path)
        assert (refused.value.code, refused.value.asset) == (code, str(path))
        with pytest.raises(MediaError) as refused:
            house.run(house.tagging.remove_tags(path).job_id)
        assert refused.value.code == code
    house.library.register(wma)
    assert house.tagging.read_own_tags(wma) == {}
    done = house.run(house.tagging.remove_tags(wma).job_id)
    assert done["write_skipped"] == "unsupported_container"
