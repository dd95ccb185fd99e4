"""How fast analytics answers, cold, on a library of 100,000 tracks with generated tags.

Every question is asked on a new connection each time; nothing is cached by Mediant. The peer is
plain SQL over the same rows (joins, GROUP BY, COUNT DISTINCT), on the same database in the same
run. Its index lacks nothing: it is the same one. The answers of both are compared.

Also measured: what keeping the packed tags costs when tags are stored.

    python benchmarks/analytics.py --tracks 100000
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert, text

from mediant.kernel.clock import monotonic_s
from mediant.store import Database, open_database
from mediant.store.migrate import upgrade
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import tag_value, track
from mediant.tagging import rows
from mediant.tagging.analytics import Analytics, TagPair
from mediant.tagging.moods import LISTS
from mediant.tagging.vocabulary import WORDS
from mediant.testing.postgres import temporary_postgres

MARK_MS = 200.0
MARK_TRACKS = 100_000
MARK_COST = 0.15
REPEATS = 5
BATCH = 1_000

MOODS = tuple(WORDS.values())
GENRES = tuple(f"Genre {number}" for number in range(37))
NUMBERS = (*(f"score_{number}" for number in range(20)), "energy")

PEER = {
    "tag_frequencies": "SELECT key, COUNT(DISTINCT file_id), COUNT(DISTINCT value) "
    "FROM tag_value GROUP BY key",
    "mood_distribution": "SELECT value, COUNT(DISTINCT file_id) FROM tag_value "
    "WHERE key LIKE 'mood-%' GROUP BY value",
    "mood_correlations": "SELECT a.value, b.value, COUNT(*) FROM tag_value a JOIN tag_value b "
    "ON a.file_id = b.file_id AND b.key = 'mood-loose' WHERE a.key = 'mood-loose' GROUP BY 1, 2",
    "co_occurrence": "SELECT a.value, b.value, COUNT(*) FROM tag_value a JOIN tag_value b "
    "ON a.file_id = b.file_id AND b.key = 'genre' WHERE a.key = 'mood-loose' GROUP BY 1, 2",
    "genre_profiles": "SELECT a.value, b.key, AVG(b.number) FROM tag_value a JOIN tag_value b "
    "ON a.file_id = b.file_id WHERE a.key = 'genre' AND b.number IS NOT NULL GROUP BY 1, 2",
}
"""The plain way. Of `genre_profiles` it is only the means, without the moods."""


def invent_tags(dice: random.Random) -> dict[str, tuple[str, ...]]:
    """About 38 rows: 22 numbers, 3 to 8 moods in three lists, genres, era, key, versions."""
    tags: dict[str, tuple[str, ...]] = {key: (f"{dice.random():.4f}",) for key in NUMBERS}
    tags["bpm"] = (f"{dice.uniform(60, 190):.1f}",)
    loose = sorted(dice.sample(MOODS, dice.randint(3, 8)))
    chosen = (loose[::4], loose[::2], loose)
    tags |= {key: tuple(words) for key, words in zip(LISTS, chosen, strict=True)}
    tags["genre"] = tuple(dice.sample(GENRES, dice.randint(1, 4)))
    tags["era"] = (dice.choice(("60s", "70s", "80s", "90s", "00s")),)
    tags["key"] = (f"{dice.choice('ABCDEFG')} {dice.choice(('major', 'minor'))}",)
    tags["nom_version"], tags["nom_calibration"] = ("abcdef012345",), ("012345abcdef",)
    return tags


def fill(database: Database, count: int) -> None:
    """A library of `count` tagged tracks."""
    dice = random.Random(1)
    with database.write() as tx:
        values = {"name": "a", "root_path": "/a", "created_at": 0.0, "updated_at": 0.0}
        adding = insert(library).values(values).returning(library.c.id)
        library_id = tx.execute(adding).scalar_one()
    for low in range(0, count, BATCH):
        with database.write() as tx:
            names = range(low, min(low + BATCH, count))
            ids = [_add_file(tx, library_id, name) for name in names]
            told = [{"file_id": one, "state": "tagged", "analysed_at": 0.0} for one in ids]
            tx.execute(insert(track), told)
            for file_id in ids:
                rows.store_tags(tx, file_id, invent_tags(dice))
    if database.dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            tx.execute(text("VACUUM ANALYZE"))


def _add_file(tx: Connection, library_id: int, name: int) -> int:
    values = {"library_id": library_id, "path": f"{name}.mp3", "size": 1, "mtime_ns": 1}
    values |= {"inode": name, "added_at": 0.0, "changed_at": 0.0}
    return int(tx.execute(insert(file).values(values).returning(file.c.id)).scalar_one())


def measure_analytics(database: Database) -> dict[str, Any]:
    """Milliseconds a question (the slowest of some), the plain way's, and their ratio."""
    analytics = Analytics(database)
    moods = [TagPair("mood-loose", mood) for mood in MOODS[:16]]
    genres = [TagPair("genre", genre) for genre in GENRES[:16]]
    questions: Mapping[str, Callable[[], object]] = {
        "tag_frequencies": analytics.tag_frequencies,
        "mood_distribution": analytics.mood_distribution,
        "mood_correlations": analytics.mood_correlations,
        "co_occurrence": lambda: analytics.co_occurrence(moods, genres),
        "genre_profiles": analytics.genre_profiles,
    }
    return {name: _compare(database, name, ask) for name, ask in questions.items()}


def _compare(database: Database, name: str, ask: Callable[[], object]) -> dict[str, Any]:
    times = [_time_ms(ask) for _ in range(REPEATS)]
    plain = _time_ms(lambda: _ask_plainly(database, PEER[name]))
    return {
        "first_ms": round(times[0], 1),
        "median_ms": round(median(times), 1),
        "slowest_ms": round(max(times), 1),
        "plain_sql_ms": round(plain, 1),
        "ratio": round(plain / median(times), 1),
        "within_mark": max(times) <= MARK_MS,
    }


def _ask_plainly(database: Database, statement: str) -> Sequence[Any]:
    with database.read() as connection:
        return connection.execute(text(statement)).all()


def _time_ms(action: Callable[[], object]) -> float:
    begin = monotonic_s()
    action()
    return (monotonic_s() - begin) * 1e3


def check(database: Database) -> None:
    """Stop when an answer is not the plain one's."""
    analytics = Analytics(database)
    ours = {one.key: (one.files, one.values) for one in analytics.tag_frequencies(1000)}
    plain = {key: (f, v) for key, f, v in _ask_plainly(database, PEER["tag_frequencies"])}
    shares = {one.mood: one.files for one in analytics.mood_distribution(1000)}
    plain_shares = dict(tuple(row) for row in _ask_plainly(database, PEER["mood_distribution"]))
    if (ours, shares) != (plain, plain_shares):
        raise SystemExit(f"wrong figures: {ours} {plain} {shares} {plain_shares}")
    for profile in analytics.genre_profiles(3):
        for genre, key, mean in _ask_plainly(database, PEER["genre_profiles"]):
            if genre == profile.genre and abs(profile.means[key] - mean) > 1e-4:
                raise SystemExit(f"wrong mean: {genre} {key} {profile.means[key]} {mean}")


def measure_cost(database: Database, count: int = 4 * BATCH) -> dict[str, Any]:
    """What the packed tags cost when tags are stored again, against the same rows without them."""
    dice = random.Random(2)
    lots = [[invent_tags(dice) for _ in range(BATCH)] for _ in range(count // BATCH)]
    plain: list[float] = []
    packed: list[float] = []
    for lot in lots:
        for times, store in ((plain, _store_plainly), (packed, rows.store_tags)):
            with database.write() as tx:
                times.append(_time_ms(partial(_store, tx, lot, store)))
    cost = median(packed) / median(plain) - 1
    return {
        "plain_us_a_track": round(median(plain) * 1e3 / BATCH, 1),
        "packed_us_a_track": round(median(packed) * 1e3 / BATCH, 1),
        "cost": round(cost, 3),
        "within_mark": cost <= MARK_COST,
    }


def _store(tx: Connection, lot: Sequence[Any], store: Callable[..., None]) -> None:
    for file_id, tags in enumerate(lot, start=1):
        store(tx, file_id, tags)


def _store_plainly(tx: Connection, file_id: int, tags: Mapping[str, Sequence[str]]) -> None:
    tx.execute(tag_value.delete().where(tag_value.c.file_id == file_id))
    found = [
        {"file_id": file_id, "key": key, "value": value, "number": rows.find_number(value)}
        for key, values in tags.items()
        for value in dict.fromkeys(values)
    ]
    tx.execute(insert(tag_value), found)


@contextmanager
def addresses(folder: Path, *, postgres: bool) -> Iterator[dict[str, str]]:
    """The databases to measure on."""
    found = {"sqlite": f"sqlite:///{folder / 'mediant.db'}"}
    if not postgres:
        yield found
        return
    with temporary_postgres() as server:
        yield {**found, "postgresql": server.new_database()}


def measure(address: str, folder: Path, tracks: int) -> dict[str, Any]:
    """Everything, on one new database."""
    database = open_database(address)
    upgrade(database, folder)
    fill(database, tracks)
    check(database)
    database.close()
    database = open_database(address)
    result = {"questions": measure_analytics(database), "storing": measure_cost(database)}
    database.close()
    return result


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=MARK_TRACKS)
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL, too.")
    given = parser.parse_args()
    result: dict[str, Any] = {
        "tracks": given.tracks,
        "mark_ms": MARK_MS,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with addresses(folder, postgres=given.postgres) as found:
            for engine, address in found.items():
                result[engine] = measure(address, folder, given.tracks)
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
