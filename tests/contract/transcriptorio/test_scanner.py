"""The scanner: what the documents leave open, and what programs before did wrong."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.contract.transcriptorio.cinema import Cinema, put_setting, stop_scanner

from mediant.testing.waiting import PATIENCE_S, wait_until

TOUCHED = (
    "auto_scan_enabled",
    "watcher_enabled",
    "scanner_enabled",
    "scanner_cron",
    "scanner_schedule_interval_minutes",
    "scan_interval_minutes",
)
WHOLE = timedelta(seconds=1)
"""Moments are told in whole seconds."""


@pytest.fixture
def scanner(cinema: Cinema, visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client of a server without rules and jobs, its scanner at rest; so it is left."""
    _rest(visitor, cinema)
    yield visitor
    _rest(visitor, cinema)


def _rest(client: httpx2.Client, cinema: Cinema) -> None:
    stop_scanner(client)
    for key in TOUCHED:
        client.delete(f"/api/settings/{key}").raise_for_status()
    put_setting(client, "library_paths", str(cinema.films))
    for rule in client.get("/api/scan-rules").json():
        client.delete(f"/api/scan-rules/{rule['id']}").raise_for_status()
    for job in client.get("/api/jobs?status_filter=queued&page_size=500").json()["jobs"]:
        client.delete(f"/api/jobs/{job['id']}")


def _add_rule(client: httpx2.Client, **conditions: Any) -> dict[str, Any]:
    wish = {
        "name": "Japanese into Spanish",
        "conditions": conditions,
        "action": {"target_language": "spa", "job_priority": 5, "quality_preset": "balanced"},
    }
    return dict(client.post("/api/scan-rules", json=wish).raise_for_status().json())


def _scan(client: httpx2.Client, **wish: Any) -> dict[str, Any]:
    answer = client.post("/api/scanner/scan", json=wish or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _status(client: httpx2.Client) -> dict[str, Any]:
    return dict(client.get("/api/scanner/status").raise_for_status().json())


def _queued(client: httpx2.Client) -> list[dict[str, Any]]:
    return list(client.get("/api/jobs?status_filter=queued").json()["jobs"])


def test_a_scan_makes_the_jobs_of_the_rules(cinema: Cinema, scanner: httpx2.Client) -> None:
    _add_rule(scanner, audio_language_is="ja")
    found = _scan(scanner)
    assert found == {
        "scanned_files": 2,
        "matched_files": 1,
        "jobs_created": 1,
        "skipped_files": 1,
        "paths_scanned": [str(cinema.films)],
        "missing_paths": [],
    }
    (job,) = _queued(scanner)
    assert (job["file_path"], job["target_lang"]) == (str(cinema.japanese), "spa")
    assert (job["priority"], job["quality_preset"]) == (5, "balanced")
    assert job["is_manual_request"] is False
    again = _scan(scanner)
    assert (again["matched_files"], again["jobs_created"]) == (1, 0)
    assert len(_queued(scanner)) == 1


def test_only_what_is_asked_is_walked(cinema: Cinema, scanner: httpx2.Client) -> None:
    _add_rule(scanner)
    films, none = cinema.films, cinema.films / "none"
    found = _scan(scanner, paths=[str(films / "film"), str(none)])
    assert found["scanned_files"] == 1
    assert (found["paths_scanned"], found["missing_paths"]) == ([str(films / "film")], [str(none)])
    assert _scan(scanner, paths=[str(films)], recursive=False)["scanned_files"] == 0


def test_a_scan_needs_a_folder(scanner: httpx2.Client) -> None:
    put_setting(scanner, "library_paths", "")
    bodies: list[dict[str, Any] | None] = [None, {}, {"paths": []}, {"paths": None}]
    for body in bodies:
        answer = scanner.post("/api/scanner/scan", json=body)
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert scanner.post("/api/scanner/watcher/start").status_code == 400


@pytest.mark.parametrize("body", [{"paths": "x" * 5000}, {"recursive": "perhaps"}, {"paths": [1]}])
def test_a_senseless_scan_is_refused(scanner: httpx2.Client, body: dict[str, Any]) -> None:
    assert scanner.post("/api/scanner/scan", json=body).status_code == 400


def test_two_scans_at_once_both_tell_the_truth(cinema: Cinema, scanner: httpx2.Client) -> None:
    """The second waits for its turn, or both wait for one scan of both folders."""
    _add_rule(scanner)
    folders = [str(cinema.films / "anime"), str(cinema.films / "film")]
    told: dict[str, dict[str, Any]] = {}

    def scan(folder: str) -> None:
        with cinema.client() as client:
            told[folder] = _scan(client, paths=[folder])

    threads = [threading.Thread(target=scan, args=(one,)) for one in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    for folder in folders:
        assert folder in told[folder]["paths_scanned"]
        assert told[folder]["scanned_files"] == len(told[folder]["paths_scanned"])
        assert told[folder]["jobs_created"] >= 1
    assert len(_queued(scanner)) == 2


def test_scans_are_counted(scanner: httpx2.Client) -> None:
    before, began = _status(scanner)["total_scans"], _now()
    _scan(scanner)
    after = _status(scanner)
    assert after["total_scans"] == before + 1
    assert began - WHOLE <= _moment(after["last_scan_time"]) <= _now() + WHOLE


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (the server is another process)


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


def test_the_schedule_goes_by_the_interval(scanner: httpx2.Client) -> None:
    put_setting(scanner, "scanner_schedule_interval_minutes", "90")
    began = _now()
    answer = scanner.post("/api/scanner/scheduler/start").raise_for_status()
    assert answer.json() == {"message": "Scheduler started successfully (every 90 minutes)"}
    told, ninety = _status(scanner), timedelta(minutes=90)
    assert (told["scheduler_enabled"], told["scheduler_running"]) == (True, True)
    assert began - WHOLE <= _moment(told["next_scan_time"]) - ninety <= _now() + WHOLE
    again = scanner.post("/api/scanner/scheduler/start")
    assert again.status_code == 200


def test_the_schedule_goes_by_a_cron_that_is_given(cinema: Cinema, scanner: httpx2.Client) -> None:
    body = {"cron_expression": "30 4 * * *", "paths": [str(cinema.films / "anime")]}
    answer = scanner.post("/api/scanner/scheduler/start", json=body).raise_for_status()
    assert answer.json() == {"message": "Scheduler started successfully (cron 30 4 * * *)"}
    at = datetime.fromisoformat(_status(scanner)["next_scan_time"])
    assert (at.minute, at.second) == (30, 0)
    bad = scanner.post("/api/scanner/scheduler/start", json={"cron_expression": "now and then"})
    assert bad.status_code == 400
    assert _status(scanner)["scheduler_running"] is True


def test_the_schedule_goes_by_settings_in_their_order(scanner: httpx2.Client) -> None:
    put_setting(scanner, "scanner_schedule_interval_minutes", "0")
    put_setting(scanner, "scanner_cron", "15 3 * * *")
    answer = scanner.post("/api/scanner/scheduler/start").raise_for_status()
    assert answer.json() == {"message": "Scheduler started successfully (cron 15 3 * * *)"}
    put_setting(scanner, "scanner_cron", "")
    put_setting(scanner, "scan_interval_minutes", "45")
    answer = scanner.post("/api/scanner/scheduler/start").raise_for_status()
    assert answer.json() == {"message": "Scheduler started successfully (every 45 minutes)"}


def test_the_schedule_stops_and_stays_stopped(scanner: httpx2.Client) -> None:
    scanner.post("/api/scanner/scheduler/start").raise_for_status()
    for _ in range(2):
        answer = scanner.post("/api/scanner/scheduler/stop")
        assert answer.json() == {"message": "Scheduler stopped successfully"}
    told = _status(scanner)
    assert (told["scheduler_enabled"], told["scheduler_running"]) == (False, False)
    assert told["next_scan_time"] is None


def test_wish_and_truth_are_two_things(scanner: httpx2.Client) -> None:
    """The master switch keeps both off; the wish is kept."""
    scanner.post("/api/scanner/scheduler/start").raise_for_status()
    scanner.post("/api/scanner/watcher/start").raise_for_status()
    put_setting(scanner, "scanner_enabled", "false")
    wait_until(lambda: not _status(scanner)["watcher_running"])
    wait_until(lambda: not _status(scanner)["scheduler_running"])
    told = _status(scanner)
    assert (told["scheduler_enabled"], told["scheduler_running"]) == (True, False)
    assert (told["watcher_enabled"], told["watcher_running"]) == (True, False)
    assert scanner.get("/api/status").json()["scanner"] == {
        name: told[name] for name in scanner.get("/api/status").json()["scanner"]
    }
    assert _scan(scanner)["scanned_files"] == 2


def test_the_watch_starts_and_stops(cinema: Cinema, scanner: httpx2.Client) -> None:
    for _ in range(2):
        answer = scanner.post("/api/scanner/watcher/start")
        assert answer.json() == {"message": "File watcher started successfully"}
    told = _status(scanner)
    assert (told["watcher_enabled"], told["watcher_running"]) == (True, True)
    assert told["watched_paths"] == [str(cinema.films)]
    for _ in range(2):
        answer = scanner.post("/api/scanner/watcher/stop")
        assert answer.json() == {"message": "File watcher stopped successfully"}
    told = _status(scanner)
    assert (told["watcher_enabled"], told["watcher_running"]) == (False, False)
    assert told["watched_paths"] == []


def test_a_file_is_analyzed(cinema: Cinema, scanner: httpx2.Client) -> None:
    rule = _add_rule(scanner, audio_language_is="jpn", missing_external_subtitle_lang="spa")
    told = scanner.post("/api/scanner/analyze", params={"file_path": str(cinema.japanese)}).json()
    (track,) = told["audio_tracks"]
    assert (track["index"], track["stream_index"], track["language"]) == (0, 1, "jpn")
    assert [one["language"] for one in told["embedded_subtitles"]] == ["eng"]
    assert told["external_subtitles"][0]["language"] == "eng"
    assert told["external_subtitles"][0]["path"] == str(cinema.japanese.with_suffix(".en.srt"))
    assert told["duration_seconds"] == pytest.approx(2.0, abs=0.3)
    assert told["is_video"] is True
    assert told["matching_rule"] == {"id": rule["id"], "name": rule["name"]}
    assert _queued(scanner) == []
    other = scanner.post("/api/scanner/analyze", json={"file_path": str(cinema.spanish)}).json()
    assert other["matching_rule"] is None
    assert other["reasons"]


def test_what_cannot_be_analyzed_is_told(cinema: Cinema, scanner: httpx2.Client) -> None:
    def status(path: str) -> int:
        return scanner.post("/api/scanner/analyze", params={"file_path": path}).status_code

    assert status(str(cinema.films / "none.mkv")) == 404
    assert status(str(cinema.films / "anime")) == 400
    assert status("relative.mkv") == 400
    assert status("/etc/hostname") == 403
    assert scanner.post("/api/scanner/analyze").status_code == 400
    broken = cinema.films / "broken.mkv"
    broken.write_bytes(b"\x00" * 5000)
    answer = scanner.post("/api/scanner/analyze", params={"file_path": str(broken)})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    broken.unlink()
