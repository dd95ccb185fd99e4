"""A million files: pages come from an index, and nothing holds all rows at once."""

import re
import tracemalloc

import pytest
from sqlalchemy import Engine, event, text

from mediant.kernel.clock import now_s

FILES = 1_000_000
PENDING = 3_000
MOST_BYTES = 24 << 20

pytestmark = pytest.mark.slow

NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {FILES})"


@pytest.fixture
def music(house, media):
    """A library with a million rows, all analysed but the last few."""
    media.folder.mkdir(parents=True, exist_ok=True)
    entry = house.library.add_library("Music", media.folder)
    suite = house.tagging._models.suite().version
    with house.database.write() as tx:
        tx.execute(
            text(
                "INSERT INTO file (library_id, path, size, mtime_ns, inode, state, added_at, "
                f"changed_at) {NUMBERS} SELECT :library, 'artist/' || i || '.mp3', i, 1, i, "
                "'present', :now, :now FROM n"
            ),
            {"library": entry.id, "now": now_s()},
        )
        tx.execute(
            text(
                "INSERT INTO track (file_id, state, suite, preset, size, mtime_ns, flags, "
                "analysed_at) SELECT id, 'tagged', :suite, 'full', size, mtime_ns, '[]', :now "
                "FROM file WHERE size <= :last"
            ),
            {"suite": suite, "now": now_s(), "last": FILES - PENDING},
        )
    if house.database.dialect == "postgresql":
        with house.database.write() as tx:
            tx.execute(text("ANALYZE"))
    return entry.id


def growth(work):
    """What `work` gives, and the most memory that it held at once, in bytes."""
    tracemalloc.start()
    try:
        result = work()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def plans(house, work):
    """The plan of every SELECT on the table `file` that `work` runs, in one text each."""
    asked = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        if statement.lstrip().startswith("SELECT") and "file" in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        work()
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    explain = "EXPLAIN" if house.database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    found = []
    with house.database.read() as connection:
        for statement, parameters in asked:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            found.append("\n".join(str(row[-1]) for row in rows))
    assert found
    return found


def check_seeks(plan):
    """It reads the tables of a million rows by ids only."""
    assert not re.search(r"SCAN (file|track)|Seq Scan on (file|track)", plan), plan
    assert "library_id=?" not in plan, plan


def check_walks_ids(plan):
    """It reads the rows in the order of their ids from one place on, and sorts nothing."""
    check_seeks(plan)
    assert not re.search("TEMP B-TREE|Sort", plan), plan


def test_pages_of_files_come_in_the_order_of_their_ids(house, music):
    first = house.library.list_files(music, limit=1)[0].id
    for after in (0, first + FILES // 2, first + FILES - 200):
        for more in ({}, {"state": "present"}):

            def page(after=after, more=more):
                return house.library.list_files(music, after_id=after, limit=100, **more)

            found, most = growth(page)
            assert len(found) == 100
            assert most < MOST_BYTES
            for plan in plans(house, page):
                check_walks_ids(plan)


def test_a_library_is_enqueued_in_pieces(house, music):
    created, most = growth(lambda: house.tagging.tag_library(music))
    assert created == PENDING
    assert most < MOST_BYTES
    for plan in plans(house, lambda: house.tagging.tag_library(music)):
        check_seeks(plan)


def test_what_a_scan_found_is_looked_up_by_its_ids(house, music):
    first = house.library.list_files(music, limit=1)[0].id
    ids = list(range(first, first + FILES, FILES // 1000))

    def ask():
        with house.database.write() as tx:
            return house.tagging.pending_jobs(tx, music, ids)

    jobs, most = growth(ask)
    assert len(jobs) == len(ids) * PENDING // FILES
    assert most < MOST_BYTES
    for plan in plans(house, ask):
        check_seeks(plan)


def test_statistics_are_counted_by_the_database(house, music):
    figures, most = growth(lambda: house.library.statistics(music))
    assert (figures.files, figures.missing) == (FILES, 0)
    assert figures.size_bytes == FILES * (FILES + 1) // 2
    assert most < MOST_BYTES
