"""Calibration runs with real workers, on SQLite and PostgreSQL."""

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, text, update
from tests.integration.calibration.desk import HAPPY, LEAST, Desk, count, fill, open_desk, pair

from mediant.errors import Forbidden, NotFound
from mediant.jobs.job import JobState
from mediant.store import Database
from mediant.store.schema_calibration import calibration_head, calibration_label, calibration_run
from mediant.store.schema_library import file, library
from mediant.store.schema_tagging import score, track
from mediant.tagging.calibration.spans import LabelSpan, name_spans
from mediant.testing.scores import add_head, add_library, add_tracks

GENRES = ("effnet", "genres")


def test_the_first_run_measures_every_label(desk: Desk, database: Database) -> None:
    scores = pair(400)
    library_id = add_library(database)
    happy = add_head(database, HAPPY, ["happy", "non_happy"])
    genres = add_head(database, GENRES, ["rock", "jazz", "pop"])
    styles = np.random.default_rng(2).random((400, 3)).astype(np.float32)
    add_tracks(database, library_id, {happy: scores, genres: styles})
    result = desk.result()
    assert result["version"] == 1
    assert (result["heads_processed"], result["stable_heads"], result["unstable_heads"]) == (
        2,
        0,
        2,
    )
    run = desk.calibrations.read_run()
    assert run is not None
    assert run.file_count == 400
    spans = {(h.head_name, one.label): (one.p5, one.p95) for h in run.heads for one in h.labels}
    wanted = {("mood_happy", "happy"): scores[:, 0], ("mood_happy", "non_happy"): scores[:, 1]}
    wanted |= {("genres", name): styles[:, n] for n, name in enumerate(["rock", "jazz", "pop"])}
    assert set(spans) == set(wanted)
    for name, values in wanted.items():
        exact = np.percentile(values, [5, 95], method="inverted_cdf")
        assert np.all(np.abs(np.array(spans[name]) - exact) <= 1e-4 + 1e-9)
    shown = next(one for one in run.heads if one.head_name == "mood_happy")
    assert shown.label == "happy"
    assert (shown.is_stable, shown.reference_updated, shown.reference_version) == (
        False,
        True,
        None,
    )
    assert shown.drift is None


def test_the_spans_in_force_are_named_by_their_content(desk: Desk, database: Database) -> None:
    assert desk.current() is None
    fill(database)
    desk.result()
    told = desk.current()
    spans = [LabelSpan(m, h, label, "v1", p5, p95) for m, h, label, p5, p95 in told["spans"]]
    assert told["version"] == name_spans(spans)
    assert len(told["version"]) == 12
    assert [one[:3] for one in told["spans"]] == [
        ["effnet", "mood_happy", "happy"],
        ["effnet", "mood_happy", "non_happy"],
    ]


def test_the_same_data_give_the_same_calibration(desk: Desk, database: Database) -> None:
    library_id, _ = fill(database)
    desk.result()
    before = desk.current()
    with database.write() as tx:
        tx.execute(update(track).values(calibration=before["version"]))
    result = desk.result()
    assert result["version"] == 2
    assert result["stable_heads"] == 1
    assert desk.current() == before
    status = desk.calibrations.status()
    assert status.global_version == before["version"]
    (of_library,) = status.libraries
    assert (of_library.library_id, of_library.current_count) == (library_id, 400)
    assert (of_library.outdated_count, of_library.percentage) == (0, 100.0)
    newest, first = desk.calibrations.list_history()
    assert newest.drift is not None
    assert newest.drift.jsd == newest.drift.srd == newest.drift.apd_p5 == 0.0
    assert (newest.is_stable, newest.reference_updated, newest.reference_version) == (
        True,
        False,
        1,
    )
    assert first.version == 1


def test_a_change_of_the_library_is_reported_as_drift(desk: Desk, database: Database) -> None:
    library_id, head_id = fill(database, low=0.1, high=0.5)
    desk.result()
    add_tracks(database, library_id, {head_id: pair(800, low=0.6, high=0.9, seed=3)})
    result = desk.result()
    assert result["unstable_heads"] == 1
    newest = desk.calibrations.list_history(limit=1)[0]
    assert newest.drift is not None
    assert newest.reference_version == 1
    assert newest.reference_updated
    assert newest.drift.apd_p95 == pytest.approx(0.4, abs=0.02)
    assert newest.drift.jsd > 0.3
    assert newest.drift.median_drift > 0.2
    desk.result()
    assert desk.calibrations.list_history(limit=1)[0].reference_version == 2


def test_a_stable_head_keeps_its_reference_which_applies_when_switched_off(
    database: Database, tmp_path: Path
) -> None:
    library_id, head_id = fill(database, 2000)
    with open_desk(database, tmp_path) as desk:
        desk.result()
        first = desk.current()
        add_tracks(database, library_id, {head_id: pair(40, seed=9)})
        assert desk.result()["stable_heads"] == 1
        second = desk.current()
        assert second["version"] != first["version"]
    with open_desk(database, tmp_path, enabled=False) as desk:
        assert desk.current() == first
        with pytest.raises(Forbidden):
            desk.calibrations.run()
    with open_desk(database, tmp_path) as desk:
        assert desk.current() == second


def test_labels_with_too_few_samples_have_no_span(desk: Desk, database: Database) -> None:
    library_id = add_library(database)
    head_id = add_head(database, GENRES, ["rock", "jazz", "pop"])
    few = add_head(database, ("effnet", "rare"), ["a", "b"])
    styles = np.random.default_rng(2).random((150, 3)).astype(np.float32)
    styles[:60, 1] = np.nan
    add_tracks(database, library_id, {head_id: styles})
    add_tracks(database, library_id, {few: pair(LEAST - 1)})
    result = desk.result()
    assert result["labels_skipped"] == 1
    assert result["heads_skipped"] == ["effnet:rare"]
    run = desk.calibrations.read_run()
    assert run is not None
    assert run.heads[0].skipped == ["jazz"]
    assert [one.label for one in run.heads[0].labels] == ["rock", "pop"]
    assert {one[2] for one in desk.current()["spans"]} == {"rock", "pop"}


def test_without_enough_scores_there_is_no_run(desk: Desk, database: Database) -> None:
    fill(database, LEAST - 1)
    result = desk.result()
    assert result["version"] is None
    assert result["heads_processed"] == 0
    assert count(database, calibration_run) == 0
    assert desk.calibrations.read_run() is None
    assert desk.calibrations.status().libraries == []
    assert desk.files() == set()


def test_only_tagged_files_that_are_there_count(desk: Desk, database: Database) -> None:
    library_id, head_id = fill(database, low=0.2, high=0.4)
    add_tracks(database, library_id, {head_id: pair(500, low=0.9, high=1.0)}, state="failed")
    add_tracks(database, library_id, {head_id: pair(500, low=0.9, high=1.0)}, file_state="missing")
    assert desk.result()["file_count"] == 400
    (head,) = desk.calibrations.list_history()
    assert head.p95 < 0.4


def test_a_removed_library_no_longer_counts(desk: Desk, database: Database) -> None:
    _first, head_id = fill(database, low=0.1, high=0.3)
    second = add_library(database, "More")
    add_tracks(database, second, {head_id: pair(400, low=0.7, high=0.9)})
    desk.result()
    with database.write() as tx:
        tx.execute(delete(library).where(library.c.id == second))
    assert desk.result()["file_count"] == 400
    newest, before = desk.calibrations.list_history()
    assert newest.p95 < 0.3 < before.p95
    assert [one.library_name for one in desk.calibrations.status().libraries] == ["Music"]
    with database.write() as tx:
        tx.execute(delete(file))
    assert desk.result()["version"] is None
    kept = desk.calibrations.read_run()
    assert kept is not None
    assert kept.version == 2


def test_a_new_version_of_a_network_counts_once_it_has_enough(
    desk: Desk, database: Database
) -> None:
    library_id, _old = fill(database, low=0.1, high=0.3)
    new = add_head(database, HAPPY, ["happy", "non_happy"], version="v2")
    add_tracks(database, library_id, {new: pair(LEAST - 1, low=0.7, high=0.9)})
    desk.result()
    assert desk.calibrations.list_history()[0].head_version == "v1"
    add_tracks(database, library_id, {new: pair(LEAST, low=0.7, high=0.9)})
    desk.result()
    head = desk.calibrations.list_history()[0]
    assert (head.head_version, head.reference_version, head.drift) == ("v2", None, None)
    assert head.p5 > 0.6


def test_scores_that_do_not_fit_their_head_are_left_out(desk: Desk, database: Database) -> None:
    fill(database)
    with database.write() as tx:
        tx.execute(update(score).where(score.c.file_id <= 3).values(stats=b"\x00" * 7))
    assert desk.result()["damaged_scores"] == 3
    assert desk.calibrations.list_history()[0].file_count == 397


def test_the_files_say_what_the_database_says(desk: Desk, database: Database) -> None:
    fill(database)
    desk.result()
    desk.result()
    assert desk.files() == {
        "effnet/mood_happy-calibration-v1.json",
        "effnet/mood_happy-calibration-v2.json",
        "effnet/mood_happy-calibration.json",
    }
    run = desk.calibrations.read_run()
    assert run is not None
    told = json.loads(run.files["effnet:mood_happy"].read_text())
    assert (told["calibration_version"], told["calibration_method"]) == (2, "minmax")
    assert (told["library_size"], told["min_samples"]) == (400, LEAST)
    assert (told["model"], told["backbone"], told["head_type"]) == ("mood_happy", "effnet", "pair")
    happy = told["labels"]["happy"]
    assert set(happy) == {"method", "samples", "p5", "p95", "mean", "std", "min", "max"}
    assert happy["samples"] == 400
    assert happy["p5"] == run.heads[0].p5
    reference = json.loads((desk.folder / "effnet/mood_happy-calibration.json").read_text())
    assert reference["calibration_version"] == 1


def test_missing_files_break_nothing(desk: Desk, database: Database) -> None:
    fill(database)
    desk.result()
    for path in desk.folder.rglob("*.json"):
        path.unlink()
    run = desk.calibrations.read_run()
    assert run is not None
    assert run.files == {}
    assert len(desk.current()["spans"]) == 2
    assert desk.result()["stable_heads"] == 1


def test_a_folder_that_cannot_be_written_does_not_undo_the_run(
    database: Database, tmp_path: Path
) -> None:
    fill(database)
    blocked = tmp_path / "calibration"
    blocked.write_text("a file where the folder should be")
    with open_desk(database, blocked) as desk:
        assert desk.result()["version"] == 1
        assert desk.calibrations.read_run() is not None
        (failed,) = desk.parts.queue.list_jobs(states=[JobState.FAILED])
        assert failed.kind == "calibration_files"


def test_histograms_are_kept_of_the_newest_run_and_of_references(
    desk: Desk, database: Database
) -> None:
    fill(database)
    for _ in range(3):
        desk.result()
    with database.read() as connection:
        query = select(calibration_head.c.run).join(
            calibration_label, calibration_label.c.head_id == calibration_head.c.id
        )
        kept = connection.scalars(query.where(calibration_label.c.histogram.is_not(None)))
        assert set(kept) == {1, 3}
    found = desk.calibrations.read_histogram("effnet", "mood_happy", "happy")
    assert found.version == 3
    assert sum(n for _, n in found.counts) == 400
    with pytest.raises(NotFound):
        desk.calibrations.read_histogram("effnet", "mood_happy", "happy", version=2)
    with pytest.raises(NotFound):
        desk.calibrations.read_histogram("effnet", "mood_happy", "no such")


def test_a_second_wish_finds_the_live_run(database: Database, tmp_path: Path) -> None:
    with open_desk(database, tmp_path, starts=False) as desk:
        first, second = desk.calibrations.run(), desk.calibrations.run()
    assert first.created
    assert not second.created
    assert first.job_id == second.job_id


def test_the_address_stays_out_of_the_tables(desk: Desk, database: Database) -> None:
    """On PostgreSQL it holds a password."""
    fill(database)
    job = desk.run()
    address = desk.calibrations.kinds()[0].prepare(None, job)["address"]  # type: ignore[arg-type]
    assert address.startswith(("sqlite:///", "postgresql"))
    with database.read() as connection:
        for table in ("job", "job_log", "event"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert address not in repr(rows)
