"""Which changed paths have come to rest."""

from hypothesis import given
from hypothesis import strategies as st

from mediant.library.settle import MANY, Settling, merge, targets


class Disk(dict):
    """Looks of paths, as the file system would give them."""

    def settling(self):
        return Settling(5.0, self.get)


def test_a_file_is_taken_after_its_rest():
    disk = Disk({"/r/a.mp3": (1, 1)})
    settling = disk.settling()
    settling.note(["/r/a.mp3"], 0.0)
    assert settling.take(4.9) == []
    assert settling.take(5.0) == ["/r/a.mp3"]
    assert settling.take(50.0) == []


def test_a_growing_file_waits_though_no_event_tells_of_it():
    disk = Disk({"/r/a.mp3": (1, 1)})
    settling = disk.settling()
    settling.note(["/r/a.mp3"], 0.0)
    for second in range(1, 20):
        disk["/r/a.mp3"] = (second, second)
        assert settling.take(float(second)) == []
    assert settling.take(20.0) == [], "it looks other than at 15 s"
    assert settling.take(25.0) == ["/r/a.mp3"]


def test_a_deleted_file_is_taken_too():
    settling = Disk().settling()
    settling.note(["/r/gone.mp3"], 0.0)
    assert settling.take(5.0) == ["/r/gone.mp3"]


def test_a_folder_waits_for_what_is_written_below_it():
    disk = Disk({"/r/new": (1, 1), "/r/new/a.mp3": (1, 1)})
    settling = disk.settling()
    settling.note(["/r/new"], 0.0)
    settling.note(["/r/new/a.mp3"], 4.0)
    assert settling.take(6.0) == []
    assert sorted(settling.take(9.0)) == ["/r/new", "/r/new/a.mp3"]


def test_targets_are_merged_and_relative():
    assert targets("/r", ["/r/a/x.mp3", "/r/a", "/r/b.mp3", "/other/c.mp3"]) == ["a", "b.mp3"]


def test_many_files_become_their_folders_and_many_folders_the_root():
    assert targets("/r", [f"/r/a/{n}.mp3" for n in range(MANY + 1)]) == ["a"]
    assert targets("/r", [f"/r/{n}/x.mp3" for n in range(MANY + 1)]) is None
    assert targets("/r", [f"/r/{n}.mp3" for n in range(MANY + 1)]) is None


@given(st.sets(st.text("ab/", min_size=1, max_size=6).map(lambda text: text.strip("/") or "a")))
def test_merged_paths_cover_all_and_do_not_nest(paths):
    merged = merge(paths)
    for path in paths:
        assert any(path == one or path.startswith(f"{one}/") for one in merged)
    for one in merged:
        assert not any(one.startswith(f"{other}/") for other in merged)
