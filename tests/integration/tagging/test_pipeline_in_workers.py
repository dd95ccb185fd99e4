"""Tagging through the real dispatcher and real worker processes."""

import pytest

from mediant.events.history import EventHistory
from mediant.jobs.job import JobState
from mediant.jobs.kind import JobKind
from mediant.library import Library
from mediant.models.models import Models
from mediant.settings.model import LibrarySettings, TaggingSettings
from mediant.tagging import Tagging
from mediant.tagging.write import read_own
from mediant.testing.dispatching import dispatching


@pytest.mark.slow
def test_a_file_is_tagged_written_and_restored(database, small_models, media):
    path, broken = media.song("song.flac", 12), media.noise("noise.mp3")
    before = path.read_bytes()
    kinds: dict[str, JobKind] = {}
    with dispatching(database, kinds=kinds, settings={"io_workers": 1}) as works:
        library = Library(
            database, works.queue, LibrarySettings(), EventHistory(database), works.bus
        )
        tagging = Tagging(database, works.queue, library, Models(small_models), TaggingSettings())
        kinds.update((kind.name, kind) for kind in tagging.kinds())

        ids = [one.job_id for one in tagging.tag_path(media.folder, write_mode="full")]
        failed, done = (works.end_of(job_id) for job_id in ids)
        assert (failed.state, failed.error_code) == (JobState.FAILED, "corrupt")
        assert str(broken) in (failed.error or "")
        assert done.state is JobState.DONE, done.error
        assert done.result is not None
        assert done.result["write"] == "written"
        assert done.result["tags_written"] == len(read_own(path, "nom"))
        report = tagging.show(path)
        assert report.state == "tagged"
        assert [one.state for one in report.writes] == ["applied"]
        assert tagging.show(broken).error_code == "corrupt"

        restored = works.end_of(tagging.undo(path).job_id)
        assert restored.state is JobState.DONE, restored.error
        assert path.read_bytes() == before
        assert tagging.count_tracks() == {"tagged": 1, "failed": 1, "skipped": 0}
