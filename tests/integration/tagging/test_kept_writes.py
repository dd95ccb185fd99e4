"""The way to undo a write is not lost by anything but an express wish."""

import pytest

from mediant.errors import NotFound, Refused


@pytest.fixture
def music(house, media):
    media.folder.mkdir(exist_ok=True)
    return house.library.add_library("Music", media.folder).id


def test_a_library_whose_writes_can_be_undone_is_not_removed(house, media, music):
    songs = [media.song(f"{name}.flac") for name in ("a", "b")]
    plain = media.song("plain.flac")
    before = [song.read_bytes() for song in songs]
    for song in songs:
        house.tag(song, write_mode="full")
    house.tag(plain)
    held = house.library.read_holdings(music)
    assert (held.files, held.tracks, held.undoable, held.undoable_missing) == (3, 3, 2, 0)
    with pytest.raises(Refused) as refused:
        house.library.remove_library(music)
    told = str(refused.value)
    assert "2 files" in told
    assert f"mediant tag undo {media.folder}" in told
    assert "--forget-undo" in told
    assert house.tagging.count_tracks()["tagged"] == 3, "nothing was forgotten"
    for song in songs:
        house.undo(song)
    assert [song.read_bytes() for song in songs] == before
    house.library.remove_library(music)
    assert house.library.list_libraries() == []


def test_a_library_is_removed_with_its_recipes_on_express_wish(house, media, music):
    song = media.song("a.flac")
    house.tag(song, write_mode="minimal")
    house.library.remove_library(music, forget_undo=True)
    assert house.library.list_files() == []
    assert house.write_states() == []


def test_a_removal_of_our_tags_is_a_write_like_any(house, media, music):
    song = media.song("a.flac")
    house.tag(song, write_mode="full")
    house.run(house.tagging.remove_tags(song).job_id)
    with pytest.raises(Refused, match="1 file"):
        house.library.remove_library(music)


def test_missing_files_with_writes_stay_known_until_they_return(house, media, music):
    written, plain = media.song("a.flac"), media.song("b.flac")
    before = written.read_bytes()
    house.tag(written, write_mode="full")
    house.tag(plain)
    content = written.read_bytes()
    media.song("c.flac", seconds=9)
    written.unlink()
    plain.unlink()
    house.scan(music)
    assert house.library.purge_missing(music) == 1
    assert house.library.read_holdings(music).undoable_missing == 1
    assert house.run(house.library.scan(music, clean_missing=True).job_id)["removed"] == 0
    written.write_bytes(content)
    house.scan(music)
    house.undo(written)
    assert written.read_bytes() == before


def test_missing_files_with_writes_are_forgotten_on_express_wish(house, media, music):
    song = media.song("a.flac")
    house.tag(song, write_mode="full")
    media.song("b.flac", seconds=9)
    song.unlink()
    house.scan(music)
    assert house.library.purge_missing(music, forget_undo=True) == 1
    assert house.write_states() == []


def test_an_undo_says_whether_there_was_a_write_or_it_is_undone(house, media, music):
    song = media.song("a.flac")
    house.tag(song)
    with pytest.raises(NotFound, match="Nothing was written"):
        house.tagging.undo(song)
    house.tag(song, write_mode="full")
    house.undo(song)
    with pytest.raises(NotFound, match="undone already, since 2"):
        house.tagging.undo(song)
    with pytest.raises(NotFound, match="mediant scan"):
        house.tagging.undo(media.folder / "unknown.flac")
