"""A second wish for a file whose job is live."""

import os
from pathlib import Path

from tests.integration.tagging.house import House

from mediant.jobs.job import Enqueued, JobState
from mediant.testing.media import MediaFactory


def _start(house: House, path: Path) -> int:
    """A job for the file that runs, as far as the table knows."""
    job_id = house.tagging.tag_path(path)[0].job_id
    with house.database.write() as tx:
        tx.exec_driver_sql(
            "UPDATE job SET state = 'running', attempt = 1, worker = 'cpu-1', owner = 'nobody' "
            f"WHERE id = {job_id}"
        )
    return job_id


def test_force_and_write_mode_are_raised_while_it_waits(house: House, media: MediaFactory) -> None:
    path = media.tone("song.flac")
    (first,) = house.tagging.tag_path(path, write_mode="minimal")
    for wish in ({"force": True}, {"write_mode": "none"}, {}):
        house.tagging.tag_path(path, **wish)
    (again,) = house.tagging.tag_path(path, priority=11)
    job = house.queue.get_job(first.job_id)
    assert again == Enqueued(first.job_id, False, raised=True)
    assert (job.state, job.priority) == (JobState.QUEUED, 11)
    assert (job.payload["force"], job.payload["write_mode"]) == (True, "minimal")


def test_a_file_that_changes_while_it_is_analysed_comes_once_more(
    house: House, media: MediaFactory
) -> None:
    path = media.tone("song.flac")
    job_id = _start(house, path)
    assert house.tagging.tag_path(path) == [Enqueued(job_id, False)]
    os.utime(path, ns=(1, 1))
    assert house.tagging.tag_path(path) == [Enqueued(job_id, False, True, True)]
    assert house.tagging.tag_path(path) == [Enqueued(job_id, False, False, True)]


def test_a_forced_wish_stands_behind_one_that_is_not(house: House, media: MediaFactory) -> None:
    path = media.tone("song.flac")
    job_id = _start(house, path)
    assert house.tagging.tag_path(path, force=True) == [Enqueued(job_id, False, True, True)]
    assert house.queue.get_job(job_id).payload["force"] is False
