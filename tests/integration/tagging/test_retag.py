"""Retagging from stored scores: which rows and which files change, and which do not."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from tests.integration.tagging.house import House, PowerCut, make_house

from mediant.errors import NotFound
from mediant.jobs.job import JobState
from mediant.models.registry import discover
from mediant.settings.model import TaggingSettings
from mediant.store import Database
from mediant.store.schema_tagging import tag_digest, tag_value, track
from mediant.tagging.analytics import Analytics
from mediant.tagging.compose import Signal, compose, explain
from mediant.tagging.digest import digest_tags
from mediant.tagging.results import Rules
from mediant.tagging.rows import find_track, list_scores
from mediant.tagging.spans import read_calibration
from mediant.tagging.stored import read_stored, restore_heads
from mediant.tagging.tools import make_terms
from mediant.tagging.wish import WAITS
from mediant.tagging.write import read_own
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_head

HAPPY_IS_LOW = {"version": "a" * 12, "spans": [["msd-musicnn", "mood_happy", "happy", 0.999, 2.0]]}
"""What scored high in `mood_happy` is nothing any more: the word `happy` goes everywhere."""
SAME_MOODS = {"version": "b" * 12, "spans": [["msd-musicnn", "mood_happy", "happy", 0.0, 0.99]]}
"""Other numbers, the same words."""


@dataclass
class Spans:
    """The calibration in force, set by hand."""

    told: Mapping[str, Any] | None = None
    calls: int = field(default=0)

    def __call__(self, _tx: Connection) -> Mapping[str, Any] | None:
        self.calls += 1
        return self.told


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
def calibrated(database: Database, small_models: Path, spans: Spans) -> Iterator[House]:
    """A house whose calibration the test sets."""
    built = make_house(database, small_models, Rules(calibration=spans))
    yield built
    built.tools.close()


def work_off(house: House) -> list[dict[str, Any]]:
    """Run everything that waits; the summaries."""
    done = []
    while waiting := house.queue.list_jobs(states=[JobState.QUEUED], limit=1000):
        done.append(house.run(waiting[-1].id))
    return done


def retag(house: House, **wishes: Any) -> dict[str, Any]:
    """Retag and do what follows; the summary of the retagging."""
    summary = house.run(house.tagging.retag_all(**wishes).enqueued.job_id)
    work_off(house)
    return summary


def snapshot(house: House, tables: tuple[Any, ...] = (track, tag_value)) -> list[list[Any]]:
    def read(connection: Connection) -> list[list[Any]]:
        return [sorted(map(tuple, connection.execute(select(one))), key=repr) for one in tables]

    return house.read(read)


@pytest.mark.parametrize("told", [None, HAPPY_IS_LOW, SAME_MOODS])
def test_stored_scores_give_the_very_words_of_the_analysis(
    calibrated: House, spans: Spans, media: MediaFactory, small_models: Path, told: Any
) -> None:
    spans.told = told
    path = media.song("song.flac", 12)
    calibrated.tag(path)
    report = calibrated.tagging.show(path)
    suite = discover(small_models)

    def read(connection: Connection) -> tuple[Any, Any]:
        scores = list_scores(connection, [report.file_id])[report.file_id]
        return find_track(connection, report.file_id), scores

    row, scores = calibrated.read(read)
    calibration = read_calibration(told)
    heads = restore_heads(suite, [read_stored(one) for one in scores])
    signal = Signal(row.tempo_bpm, row.key, row.mode, row.energy)
    words = compose(heads, signal, make_terms(suite, TaggingSettings(), calibration))
    assert {key: sorted(values) for key, values in words.tags.items() if key != "genre"} == {
        key: sorted(values) for key, values in report.tags.items() if key != "genre"
    }
    assert list(words.tags.get("genre", ())) == list(report.tags.get("genre", ()))
    assert explain(words, calibration) == row.explanation


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg", "m4a"])
def test_a_file_whose_moods_changed_is_written_and_undone_exactly(
    calibrated: House, spans: Spans, media: MediaFactory, suffix: str
) -> None:
    path = media.song(f"song.{suffix}", 12)
    entry = calibrated.library.add_library("Music", media.folder, write_mode="full")
    calibrated.tag(path)
    assert "happy" in read_own(path, "nom")["mood-loose"]
    before = path.read_bytes()
    spans.told = HAPPY_IS_LOW
    dry = retag(calibrated, dry_run=True)
    assert (dry["tracks"], dry["moods_changed"], dry["files_to_write"]) == (1, 1, 1)
    assert path.read_bytes() == before
    assert calibrated.tagging.show(path).facts["calibration"] == "built-in"

    summary = retag(calibrated, library_id=entry.id)
    assert summary == {**dry, "dry_run": False}
    own = read_own(path, "nom")
    assert "happy" not in own.get("mood-loose", [])
    assert own["nom_calibration"] == ["a" * 12]
    report = calibrated.tagging.show(path)
    assert own["mood-loose"] == list(report.tags["mood-loose"])
    assert report.facts["calibration"] == report.facts["written_calibration"] == "a" * 12
    assert calibrated.matches_disk(path)

    assert calibrated.undo(path)["outcome"] == "exact"
    assert path.read_bytes() == before
    assert calibrated.tagging.show(path).facts["written_calibration"] == "built-in"
    again = retag(calibrated)  # what was taken back stays so until the words change
    assert (again["files_to_write"], path.read_bytes()) == (0, before)


def test_numbers_alone_change_the_rows_but_no_file(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    paths = [media.song(f"{n}.flac", 10 + n) for n in range(3)]
    calibrated.library.add_library("Music", media.folder, write_mode="full")
    for path in paths:
        calibrated.tag(path, write_mode="full")
    before = [path.read_bytes() for path in paths]
    spans.told = SAME_MOODS
    summary = retag(calibrated)
    assert (summary["moods_changed"], summary["tags_changed"], summary["files_to_write"]) == (
        0,
        3,
        0,
    )
    assert [path.read_bytes() for path in paths] == before
    shown = calibrated.tagging.show(paths[0])
    assert shown.facts["calibration"] == "b" * 12
    assert shown.facts["written_calibration"] == "built-in"
    assert json.dumps(shown.explanation).count("library") >= 1
    once = snapshot(calibrated)
    assert retag(calibrated)["tags_changed"] == 0
    assert snapshot(calibrated) == once

    assert retag(calibrated, rewrite_all=True)["files_to_write"] == 3
    assert {read_own(path, "nom")["nom_calibration"][0] for path in paths} == {"b" * 12}
    assert retag(calibrated, rewrite_all=True)["files_to_write"] == 0


def test_the_packed_tags_follow_a_retagging(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    """Words that come change the keys that a track has; analytics counts from the packed ones."""
    spans.told = HAPPY_IS_LOW
    path = media.song("song.flac", 12)
    calibrated.tag(path)
    few = dict(calibrated.tagging.show(path).tags)
    for told in (SAME_MOODS, HAPPY_IS_LOW):
        spans.told = told
        assert retag(calibrated)["tags_changed"] == 1
        report = calibrated.tagging.show(path)
        packed = digest_tags(report.tags)
        columns = select(tag_digest.c.form, tag_digest.c.numbers)
        row = calibrated.read(lambda c: c.execute(columns).one())  # noqa: B023 (called at once)
        assert tuple(row) == (packed.form.id, packed.numbers)
        counted = Analytics(calibrated.database).tag_frequencies(1000)
        assert {one.key for one in counted} == set(report.tags)
    assert set(report.tags) == set(few)


def test_a_library_that_is_not_written_to_keeps_its_files(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    path = media.song("song.flac", 12)
    calibrated.tag(path)
    before = path.read_bytes()
    spans.told = HAPPY_IS_LOW
    summary = retag(calibrated, rewrite_all=True)
    assert (summary["moods_changed"], summary["files_to_write"]) == (1, 0)
    assert path.read_bytes() == before
    assert "happy" not in calibrated.tagging.show(path).tags["mood-loose"]


def test_other_calibration_alone_needs_no_audio(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    path = media.song("song.flac", 12)
    calibrated.tag(path, write_mode="full")
    analysed_at = calibrated.tagging.show(path).facts["analysed_at"]
    spans.told = HAPPY_IS_LOW
    summary = calibrated.tag(path, write_mode="full")
    assert summary["recomposed"]
    assert "decode" not in summary["stages_s"]
    assert summary["write"] == "written"
    assert "happy" not in read_own(path, "nom")["mood-loose"]
    facts = calibrated.tagging.show(path).facts
    assert (facts["analysed_at"], facts["calibration"]) == (analysed_at, "a" * 12)
    assert calibrated.tag(path, write_mode="full")["skipped"] is True


def test_scores_of_other_models_are_left_alone_and_told(
    database: Database, spans: Spans, media: MediaFactory, small_models: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(small_models, models)
    first = make_house(database, models, Rules(calibration=spans))
    path = media.song("song.flac", 12)
    first.tag(path)
    first.tools.close()
    write_head(models, "mood_relaxed", ["relaxed", "non_relaxed"], bias=[4.0, -4.0])
    house = make_house(database, models, Rules(calibration=spans))
    before = snapshot(house)
    spans.told = HAPPY_IS_LOW
    summary = retag(house)
    assert (summary["tracks"], summary["outdated_models"], summary["tags_changed"]) == (1, 1, 0)
    assert snapshot(house) == before
    house.tools.close()


def test_results_that_came_meanwhile_are_not_overwritten(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    paths = [media.song(f"{n}.flac", 10 + n) for n in range(2)]
    calibrated.library.add_library("Music", media.folder, write_mode="full")
    for path in paths:
        calibrated.tag(path, write_mode="full")
    spans.told = HAPPY_IS_LOW
    kind = calibrated.kinds["retag"]
    job_id = calibrated.tagging.retag_all().enqueued.job_id
    emitted: list[Any] = []
    ids = [calibrated.tagging.show(path).file_id for path in paths]

    def analyse_again(tx: Connection) -> None:
        tx.execute(update(track).where(track.c.file_id == ids[0]).values(analysed_at=2e9))

    original = kind.absorb

    def absorb(tx: Connection, job: Any, part: Any) -> Any:
        emitted.append(part)
        analyse_again(tx)
        return original(tx, job, part)

    calibrated.kinds["retag"] = replace(kind, absorb=absorb)
    calibrated.run(job_id)
    assert len(emitted[0]["tracks"]) == 2
    work_off(calibrated)
    facts = [calibrated.tagging.show(path).facts["calibration"] for path in paths]
    assert facts == ["built-in", "a" * 12]
    assert "happy" in read_own(paths[0], "nom")["mood-loose"]
    assert "happy" not in read_own(paths[1], "nom")["mood-loose"]


def test_a_file_that_changed_is_left_to_its_next_analysis(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    path = media.song("song.flac", 12)
    entry = calibrated.library.add_library("Music", media.folder, write_mode="full")
    calibrated.tag(path)
    media.song("song.flac", 15)
    calibrated.run(calibrated.library.scan(entry.id).job_id)
    spans.told = HAPPY_IS_LOW
    summary = calibrated.run(calibrated.tagging.retag_all().enqueued.job_id)
    assert (summary["outdated_files"], summary["files_to_write"]) == (1, 0)


def test_a_retagging_that_died_ends_right_the_second_time(
    calibrated: House, spans: Spans, media: MediaFactory
) -> None:
    paths = [media.song(f"{n}.flac", 10 + n) for n in range(3)]
    calibrated.library.add_library("Music", media.folder, write_mode="full")
    for path in paths:
        calibrated.tag(path, write_mode="full")
    spans.told = HAPPY_IS_LOW
    with pytest.raises(PowerCut):  # everything is absorbed, nothing concluded
        calibrated.run(calibrated.tagging.retag_all().enqueued.job_id, cut_at="applied")
    for job in calibrated.queue.list_jobs(states=[JobState.QUEUED]):
        calibrated.queue.cancel(job.id)
    assert retag(calibrated)["files_to_write"] == 3
    assert all("happy" not in read_own(path, "nom")["mood-loose"] for path in paths)
    assert retag(calibrated)["files_to_write"] == 0


def test_no_track_is_an_answer_and_no_library_an_error(calibrated: House) -> None:
    assert calibrated.tagging.retag_all().tracks == 0
    assert retag(calibrated)["tracks"] == 0
    with pytest.raises(NotFound):
        calibrated.tagging.retag_all(library_id=7)


@pytest.fixture
def waiting(database: Database, small_models: Path, spans: Spans) -> Iterator[House]:
    """A house whose first calibration is awaited."""
    built = make_house(database, small_models, Rules(calibration=spans, awaits_calibration=True))
    yield built
    built.tools.close()


def find(house: House, library_id: int, path: Path) -> int:
    """Scan, and run what the scan asks for in the background; the file's id."""
    house.run(house.library.scan(library_id).job_id)
    file_id = house.tagging.show(path).file_id

    def ask(question: Callable[[Connection], Any]) -> Any:
        with house.database.write() as tx:
            return question(tx)

    jobs = ask(lambda tx: house.tagging.pending_jobs(tx, library_id, [file_id]))
    house.queue.enqueue_many(jobs)
    work_off(house)
    return file_id


def test_background_writes_wait_for_the_first_calibration(
    waiting: House, spans: Spans, media: MediaFactory
) -> None:
    path = media.song("song.flac", 12)
    before = path.read_bytes()
    entry = waiting.library.add_library("Music", media.folder, write_mode="full")
    find(waiting, entry.id, path)
    report = waiting.tagging.show(path)
    assert (report.state, report.facts["write_error"]) == ("tagged", WAITS)
    assert path.read_bytes() == before
    with waiting.database.write() as tx:  # the sweep of a scan does not ask for it again and again
        assert waiting.tagging._find_pending(tx, entry.id, range(1, 100)) == []

    spans.told = SAME_MOODS
    assert retag(waiting)["files_to_write"] == 1
    assert read_own(path, "nom")["nom_calibration"] == ["b" * 12]
    assert waiting.tagging.show(path).facts["write_error"] is None


def test_who_asks_by_name_need_not_wait_and_the_file_is_marked(
    waiting: House, spans: Spans, media: MediaFactory
) -> None:
    path = media.song("song.flac", 12)
    waiting.library.add_library("Music", media.folder, write_mode="full")
    assert waiting.tag(path)["write"] == "written"
    assert waiting.tagging.show(path).facts["written_calibration"] == "built-in"
    spans.told = HAPPY_IS_LOW
    assert retag(waiting)["files_to_write"] == 1
    assert waiting.tagging.show(path).facts["written_calibration"] == "a" * 12
