"""Every container: what is written is read back, the rest stays, and undo is exact."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.tagging.write.music import (
    TAGS,
    WRITABLE,
    samples_of,
    seen_by_a_player,
    sha256,
    tags_by_mutagen,
    write,
)

from mediant.tagging.write import prepare_write, read_own, supported_container

every_container = pytest.mark.parametrize("suffix", WRITABLE)


@every_container
def test_tags_come_back_and_the_music_is_the_same(song, suffix):
    path = song(suffix)
    samples, foreign = samples_of(path), tags_by_mutagen(path)
    assert read_own(path, "nom") == {}
    assert write(path, TAGS).keys_written == len(TAGS)
    assert read_own(path, "nom") == TAGS
    assert samples_of(path) == samples
    assert tags_by_mutagen(path).items() >= foreign.items()
    assert list(path.parent.iterdir()) == [path]


@every_container
def test_the_second_identical_write_has_nothing_to_do(song, suffix):
    path = song(suffix)
    write(path, TAGS)
    assert prepare_write(path, TAGS, namespace="nom", keep_mtime=True) is None
    assert list(path.parent.iterdir()) == [path]


@every_container
def test_a_change_replaces_and_a_removal_leaves_the_foreign_tags(song, suffix):
    path = song(suffix)
    samples, foreign = samples_of(path), tags_by_mutagen(path)
    write(path, TAGS)
    write(path, {"mood-strict": ["sad"], "new_key": ["x" * 5000]})
    assert read_own(path, "nom") == {"mood-strict": ["sad"], "new_key": ["x" * 5000]}
    write(path, {})
    assert read_own(path, "nom") == {}
    assert tags_by_mutagen(path) == foreign
    assert samples_of(path) == samples


@every_container
def test_undoing_a_chain_of_writes_restores_every_byte(song, suffix, undo):
    path = song(suffix)
    hashes, writes = [sha256(path)], []
    for tags in (TAGS, {"k": ["v" * 70_000]}, {"mood_happy": ["1.0000"]}, {}):
        writes.append(write(path, tags))
        hashes.append(sha256(path))
    for done in reversed(writes):
        assert hashes.pop() == done.after_hash == sha256(path)
        assert undo(path, done) == "exact"
        assert sha256(path) == done.before_hash == hashes[-1]


@every_container
def test_a_player_sees_our_tags(song, suffix):
    path = song(suffix)
    write(path, {"mood_happy": ["0.8123"], "mood-strict": ["happy"]})
    seen = seen_by_a_player(path)
    name = "nom_mood_happy" if suffix in ("flac", "ogg", "opus") else "nom:mood_happy"
    assert seen[name] == "0.8123"
    assert seen[name.replace("mood_happy", "mood_strict" if "_" in name[:4] else "mood-strict")]
    assert seen["title"] == "Tïtle"


@every_container
def test_unicode_and_many_values(song, suffix):
    path = song(suffix)
    tags = {"a": ["ünï", "日本語 🎵", "a=b", "x:y", "'\""], "b": ["tab\tline\nend"]}
    write(path, tags)
    assert read_own(path, "nom") == tags


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    tags=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
            lambda key: not key.startswith("mood_")
        ),
        st.lists(
            st.text(
                st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters=";"),
                min_size=1,
                max_size=30,
            ),
            min_size=1,
            max_size=4,
        ),
        max_size=5,
    )
)
@every_container
def test_any_tags_come_back_and_are_undone(song, suffix, undo, tags):
    path = song(suffix)
    before = sha256(path)
    prepared = prepare_write(path, tags, namespace="nom", keep_mtime=True)
    if prepared is None:
        assert tags == {}
        return
    prepared.apply()
    assert read_own(path, "nom") == tags
    assert undo(path, prepared) == "exact"
    assert sha256(path) == before


@every_container
def test_another_namespace_and_tags_of_earlier_tools(song, suffix):
    path = song(suffix)
    write(path, {"mood_sad": ["1"]}, namespace="essentia")
    assert read_own(path, "nom") == {"essentia:mood_sad": ["1"]}
    assert read_own(path, "essentia") == {"mood_sad": ["1"]}
    write(path, TAGS)
    assert read_own(path, "nom") == TAGS
    assert read_own(path, "mine") == {f"nom:{key}": values for key, values in TAGS.items()}


@every_container
def test_the_content_decides_not_the_name(song, suffix):
    kinds = {"m4a": "mp4", "opus": "ogg"}
    path = song(suffix)
    wrong = path.rename(path.with_suffix(".txt"))
    assert supported_container(wrong) == kinds.get(suffix, suffix)
    write(wrong, TAGS)
    assert read_own(wrong, "nom") == TAGS


@every_container
def test_undo_after_somebody_else_changed_the_file(song, suffix, undo, retitle):
    path = song(suffix)
    write(path, {"mood_happy": ["0.1"]})
    done = write(path, TAGS)
    retitle(path, "New title")
    samples = samples_of(path)
    assert undo(path, done) == "tags_only"
    assert read_own(path, "nom") == {"mood_happy": ["0.1"]}
    assert seen_by_a_player(path)["title"] == "New title"
    assert samples_of(path) == samples
    assert undo(path, done) == "tags_only"  # nothing more to do


@every_container
def test_a_write_that_was_never_applied_counts_as_undone(song, suffix, undo):
    path = song(suffix)
    before = sha256(path)
    prepared = prepare_write(path, TAGS, namespace="nom", keep_mtime=True)
    assert prepared is not None
    prepared.discard()
    assert undo(path, prepared) == "exact"
    assert sha256(path) == before
    assert list(path.parent.iterdir()) == [path]
