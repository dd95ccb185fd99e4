"""Which changed paths have come to rest."""

from hypothesis import given
from hypothesis import strategies as st

from mediant.library.settle import MANY, Settling, merge, targets


class Disk(dict):
    """Looks of paths, as the file system would give them, at a time that the test sets."""

    now = 0.0
    look_s = 0.0

    def settling(self):
        return Settling(5.0, self.look, lambda: self.now)

    def look(self, path):
        found = self.get(path)
        self.now += self.look_s
        return found

    def note(self, settling, path, at):
        self.now = at
        settling.note([path])

    def take(self, settling, at):
        self.now = at
        return settling.take()


def test_a_file_is_taken_after_its_rest():
    disk = Disk({"/r/a.mp3": (1, 1)})
    settling = disk.settling()
    disk.note(settling, "/r/a.mp3", 0.0)
    assert disk.take(settling, 4.9) == []
    assert disk.take(settling, 5.0) == ["/r/a.mp3"]
    assert disk.take(settling, 50.0) == []


def test_a_growing_file_waits_though_no_event_tells_of_it():
    disk = Disk({"/r/a.mp3": (1, 1)})
    settling = disk.settling()
    disk.note(settling, "/r/a.mp3", 0.0)
    for second in range(1, 20):
        disk["/r/a.mp3"] = (second, second)
        assert disk.take(settling, float(second)) == []
    assert disk.take(settling, 20.0) == [], "it looks other than at 15 s"
    assert disk.take(settling, 25.0) == ["/r/a.mp3"]


def test_the_time_that_a_slow_disk_needs_for_a_look_is_no_rest():
    disk = Disk({"/r/a.mp3": (1, 1)})
    disk.look_s = 4.0
    settling = disk.settling()
    disk.note(settling, "/r/a.mp3", 0.0)
    assert disk.take(settling, 5.0) == []
    disk["/r/a.mp3"] = (2, 2)
    assert disk.take(settling, 9.0) == []
    assert disk.take(settling, 14.0) == []
    assert disk.take(settling, 18.0) == ["/r/a.mp3"]


def test_a_deleted_file_is_taken_too():
    disk = Disk()
    settling = disk.settling()
    disk.note(settling, "/r/gone.mp3", 0.0)
    assert disk.take(settling, 5.0) == ["/r/gone.mp3"]


def test_a_folder_waits_for_what_is_written_below_it():
    disk = Disk({"/r/new": (1, 1), "/r/new/a.mp3": (1, 1)})
    settling = disk.settling()
    disk.note(settling, "/r/new", 0.0)
    disk.note(settling, "/r/new/a.mp3", 4.0)
    assert disk.take(settling, 6.0) == []
    assert sorted(disk.take(settling, 9.0)) == ["/r/new", "/r/new/a.mp3"]


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
