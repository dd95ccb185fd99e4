"""What is known of videos that are gone is forgotten, and of nothing else."""

import os
import shutil

import pytest
from sqlalchemy import insert, select, update

from mediant.jobs.job import JobState
from mediant.kernel.clock import now_s
from mediant.store.schema_jobs import job as job_table
from mediant.store.schema_subtitles import inspection, spoken_language
from mediant.subtitles.scanning.forget_jobs import EVERY_S, FORGET, jobs_after_walk
from mediant.testing.videos import Sound

FILMS = ("a/Film.mkv", "b/c/Film.mkv", "b/c/Other.mkv", "Top.mkv")


@pytest.fixture
def known(house, media, videos):
    """Films that were scanned; asks what is known of them now."""
    for name in FILMS:
        videos.video(name, [Sound("eng", seconds=0.2)])
    (media / "readme.txt").touch()
    house.set(library_paths=[str(media)])
    house.scan()

    def ask():
        with house.database.read() as connection:
            paths = connection.execute(select(inspection.c.path)).scalars().all()
        return {os.path.relpath(path, media) for path in paths}

    assert ask() == set(FILMS)
    return ask


def heard(house, media, name):
    row = {"size": 1, "mtime_ns": 1, "language": "jpn", "confidence": 0.9, "found_at": 0.0}
    with house.database.write() as tx:
        tx.execute(insert(spoken_language).values(path=str(media / name), **row))


def test_a_deleted_video_is_forgotten_with_what_was_heard_in_it(house, media, known):
    heard(house, media, "b/c/Other.mkv")
    heard(house, media, "Top.mkv")
    (media / "b/c/Other.mkv").unlink()
    house.scan()
    assert known() == set(FILMS) - {"b/c/Other.mkv"}
    with house.database.read() as connection:
        paths = connection.execute(select(spoken_language.c.path)).scalars().all()
    assert paths == [str(media / "Top.mkv")]


def test_a_deleted_folder_takes_its_videos_along(house, media, known):
    shutil.rmtree(media / "b")
    house.scan()
    assert known() == {"a/Film.mkv", "Top.mkv"}


def test_an_empty_folder_may_be_a_disk_that_is_not_mounted(house, media, known):
    for name in ("Film.mkv", "Other.mkv"):
        (media / "b/c" / name).unlink()
    (media / "b/c" / "lost+found").mkdir()
    house.scan()
    assert known() == set(FILMS)
    shutil.rmtree(media / "b/c")  # `b` is empty now, and may be one as well
    house.scan()
    assert known() == set(FILMS)
    (media / "b").rmdir()
    house.scan()
    assert known() == {"a/Film.mkv", "Top.mkv"}


@pytest.mark.parametrize("way", ["away", "empty"])
def test_a_root_that_is_away_or_empty_loses_nothing(house, media, known, way):
    media.rename(media.with_name("elsewhere"))
    if way == "empty":
        media.mkdir()
    assert house.scan().missing == (str(media),)
    with house.database.write() as tx:  # and not even where a walk was thought to have ended well
        jobs = jobs_after_walk(tx, "manual", [str(media)])
    house.queue.enqueue_many(jobs)
    house.run_waiting()
    assert known() == set(FILMS)
    assert any("left as it is known" in line for line in house.lines)
    if way == "empty":
        media.rmdir()
    media.with_name("elsewhere").rename(media)
    assert house.scan().scanned == len(FILMS)
    assert known() == set(FILMS)


def test_where_the_system_gives_another_answer_nothing_is_lost(house, media, known):
    shutil.rmtree(media / "b")
    (media / "b").symlink_to("b")  # "too many levels of links" is not "no such file"
    house.scan()
    assert known() == set(FILMS)


def test_links_are_there_though_the_walk_takes_another_way(house, media, videos, known):
    (media / "z").symlink_to(media / "a")
    (media / "Link.mkv").symlink_to(media / "Top.mkv")
    with house.database.write() as tx:  # as a walk left it that met the link first
        tx.execute(
            update(inspection)
            .where(inspection.c.path == str(media / "a/Film.mkv"))
            .values(path=str(media / "z/Film.mkv"))
        )
    house.scan()
    assert {"z/Film.mkv", "Link.mkv", "Top.mkv"} <= known()


def test_many_are_looked_at_in_pieces(house, media, videos, known):
    """Each job has as many as it may, and has the next one made."""
    gone = {"a/Film.mkv", "b/c/Film.mkv", "Top.mkv"}
    (media / "b/c/more.nfo").touch()
    (media / "a/more.nfo").touch()
    for name in gone:
        (media / name).unlink()
    with house.database.write() as tx:
        house_jobs = jobs_after_walk(tx, "manual", [str(media)], at_once=1)
    house.queue.enqueue_many(house_jobs)
    house.run_waiting()
    assert known() == set(FILMS) - gone
    done = house.queue.list_jobs(kind=FORGET, limit=100)
    assert len(done) == len(FILMS) + 1
    assert {job.state for job in done} == {JobState.DONE}


def test_what_came_back_meanwhile_stays(house, media, known):
    (media / "Top.mkv").unlink()
    with house.database.write() as tx:
        (wanted,) = jobs_after_walk(tx, "manual", [str(media)])
        tx.execute(
            update(inspection)
            .where(inspection.c.path == str(media / "Top.mkv"))
            .values(inspected_at=now_s() + 3600)
        )
    house.queue.enqueue_many([wanted])
    house.run_waiting()
    assert known() == set(FILMS)


def test_scans_by_the_clock_have_it_done_once_a_day(house, media, known):
    def look():
        with house.database.write() as tx:
            jobs = jobs_after_walk(tx, "schedule", [str(media)])
        house.queue.enqueue_many(jobs)
        house.run_waiting()
        return len(jobs)

    def end(finished_at):
        with house.database.write() as tx:
            mine = update(job_table).where(job_table.c.kind == FORGET)
            tx.execute(mine.values(finished_at=finished_at))

    assert look() == 1
    end(now_s())
    assert look() == 0
    end(now_s() - EVERY_S - 60)
    assert look() == 1


def test_a_look_at_single_new_files_forgets_nothing(house, media, known):
    (media / "Top.mkv").unlink()
    house.scan(media, origin="watch")
    house.scan(media / "a")
    assert known() == set(FILMS)
