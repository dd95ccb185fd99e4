"""Jobs: what the documents leave open, and what programs before did wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.transcriptorio.cinema import Cinema, put_setting, stop_scanner

LANGUAGES = ("deu", "fra", "ita", "por", "nld", "pol", "swe", "fin", "dan", "ces")


@pytest.fixture
def queue(visitor: httpx2.Client) -> Iterator[httpx2.Client]:
    """The client of a server without a live job; none is left over."""
    _cancel_all(visitor)
    yield visitor
    _cancel_all(visitor)


def _cancel_all(client: httpx2.Client) -> None:
    path = "/api/jobs?status_filter=queued&page_size=500"
    for job in client.get(path).raise_for_status().json()["jobs"]:
        client.delete(f"/api/jobs/{job['id']}")


def _ask(client: httpx2.Client, path: Path, target: str = "spa", **more: Any) -> httpx2.Response:
    return client.post("/api/jobs", json={"file_path": str(path), "target_lang": target, **more})


def _made(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_job_begins_with_what_was_asked(queue: httpx2.Client, cinema: Cinema) -> None:
    wish = {"source_lang": "ja", "quality_preset": "best", "priority": -7, "file_name": "x.mkv"}
    job = _made(_ask(queue, cinema.japanese, "es", transcribe_or_translate="translate", **wish))
    expected = {
        "file_path": str(cinema.japanese),
        "file_name": "Episode 1.mkv",
        "job_type": "transcription",
        "status": "queued",
        "priority": -7,
        "source_lang": "jpn",
        "target_lang": "spa",
        "quality_preset": "best",
        "transcribe_or_translate": "translate",
        "progress": 0.0,
        "current_stage": "pending",
        "eta_seconds": None,
        "started_at": None,
        "completed_at": None,
        "error": None,
        "retry_count": 0,
        "is_manual_request": True,
    }
    assert {name: job[name] for name in expected} == expected
    assert queue.get(f"/api/jobs/{job['id']}").json() == job


def test_little_is_needed(queue: httpx2.Client, cinema: Cinema) -> None:
    job = _made(_ask(queue, cinema.spanish, source_lang=""))
    assert job["quality_preset"] == "fast"
    assert (job["source_lang"], job["priority"]) == (None, 0)
    put_setting(queue, "transcribe_or_translate", "translate")
    other = _made(_ask(queue, cinema.spanish, "eng"))
    queue.delete("/api/settings/transcribe_or_translate").raise_for_status()
    assert (job["transcribe_or_translate"], other["transcribe_or_translate"]) == (
        "transcribe",
        "translate",
    )


@pytest.mark.parametrize(
    "wish",
    [
        {"quality_preset": "superb"},
        {"quality_preset": ""},
        {"transcribe_or_translate": "whisper"},
        {"target_lang": "nonsense"},
        {"target_lang": ""},
        {"target_lang": "und"},
        {"target_lang": None},
        {"source_lang": "nowhere"},
        {"file_path": ""},
        {"file_path": "relative/film.mkv"},
        {"file_path": None},
        {"priority": "high"},
        {"priority": 10**9},
    ],
)
def test_a_senseless_wish_is_refused(
    queue: httpx2.Client, cinema: Cinema, wish: dict[str, Any]
) -> None:
    before = queue.get("/api/jobs/stats").json()
    given = {"file_path": str(cinema.japanese), "target_lang": "spa", **wish}
    answer = queue.post("/api/jobs", json=given)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    assert queue.get("/api/jobs/stats").json() == before


def test_a_missing_file_fails_at_once(queue: httpx2.Client, cinema: Cinema) -> None:
    job = _made(_ask(queue, cinema.films / "gone.mkv"))
    assert job["status"] == "failed"
    assert job["error"].startswith("File not found")
    assert job["completed_at"] is not None


def test_a_file_outside_the_libraries_fails(queue: httpx2.Client, cinema: Cinema) -> None:
    link = cinema.films / "way-out.mkv"
    link.unlink(missing_ok=True)
    outside = cinema.films.parent / "outside.mkv"
    outside.write_bytes(cinema.japanese.read_bytes())
    link.symlink_to(outside)
    for path in (outside, link, cinema.films / ".." / "outside.mkv"):
        job = _made(_ask(queue, path))
        assert (job["status"], bool(job["error"])) == ("failed", True)
    link.unlink()


def test_paths_of_other_programs_are_understood(queue: httpx2.Client, cinema: Cinema) -> None:
    put_setting(queue, "path_mapping_from", "/tv")
    put_setting(queue, "path_mapping_to", str(cinema.films))
    theirs = Path("/tv/anime/Episode 1.mkv")
    assert _made(_ask(queue, theirs))["status"] == "failed"
    put_setting(queue, "use_path_mapping", "true")
    job = _made(_ask(queue, theirs))
    for key in ("use_path_mapping", "path_mapping_from", "path_mapping_to"):
        queue.delete(f"/api/settings/{key}").raise_for_status()
    assert (job["status"], job["file_path"]) == ("queued", str(cinema.japanese))


def test_the_same_work_is_not_asked_twice(queue: httpx2.Client, cinema: Cinema) -> None:
    first = _made(_ask(queue, cinema.japanese, "spa"))
    link = cinema.films / "the same.mkv"
    link.unlink(missing_ok=True)
    link.symlink_to(cinema.japanese)
    again = {"transcribe_or_translate": "translate"}
    for path, target in ((cinema.japanese, "es"), (cinema.japanese, "Spanish"), (link, "spa")):
        answer = _ask(queue, path, target, **again)
        assert answer.status_code == 409
        assert first["id"] in answer.json()["detail"]
    link.unlink()
    _made(_ask(queue, cinema.japanese, "fra"))
    queue.delete(f"/api/jobs/{first['id']}").raise_for_status()
    assert _made(_ask(queue, cinema.japanese, "spa"))["id"] != first["id"]


def test_jobs_are_listed_newest_first_by_page(queue: httpx2.Client, cinema: Cinema) -> None:
    made = [_made(_ask(queue, cinema.japanese, one))["id"] for one in LANGUAGES]
    wish: dict[str, Any] = {"status_filter": "queued", "page_size": 4}
    pages = [queue.get("/api/jobs", params={**wish, "page": n}).json() for n in (1, 2, 3, 4)]
    listed = [job["id"] for page in pages for job in page["jobs"]]
    assert listed == made[::-1]
    assert {page["total"] for page in pages} == {len(made)}
    assert [(page["page"], page["page_size"]) for page in pages] == [(n, 4) for n in (1, 2, 3, 4)]
    everything = queue.get("/api/jobs").json()
    assert everything["page_size"] == 50
    moments = [job["created_at"] for job in everything["jobs"]]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(
    "wish",
    [
        {"status_filter": "running"},
        {"status_filter": "done"},
        {"page": 0},
        {"page": -1},
        {"page": "two"},
        {"page": 2**63},
        {"page_size": 0},
        {"page_size": 501},
    ],
)
def test_a_senseless_list_is_refused(queue: httpx2.Client, wish: dict[str, Any]) -> None:
    answer = queue.get("/api/jobs", params=wish)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_the_numbers_are_those_of_the_lists(queue: httpx2.Client, cinema: Cinema) -> None:
    _made(_ask(queue, cinema.japanese))
    stats = queue.get("/api/jobs/stats").json()
    words = ("queued", "processing", "completed", "failed", "cancelled")
    totals = {
        word: queue.get("/api/jobs", params={"status_filter": word}).json()["total"]
        for word in words
    }
    assert {word: stats[word] for word in words} == totals
    assert stats["total_jobs"] == sum(totals.values()) == queue.get("/api/jobs").json()["total"]


def test_health_counts_every_job_that_waits(queue: httpx2.Client, cinema: Cinema) -> None:
    """Not the length of a page."""
    stop_scanner(queue)
    targets = [
        f"{one}" for one in (*LANGUAGES, "spa", "eng", "jpn", "kor", "zho", "rus", "ukr", "tur")
    ]
    copies = [cinema.films / f"copy{n}.mkv" for n in range(3)]
    for copy in copies:
        copy.write_bytes(cinema.japanese.read_bytes())
        for target in targets:
            _made(_ask(queue, copy, target))
    assert queue.get("/health").json()["queue_size"] == len(copies) * len(targets) == 54
    _cancel_all(queue)
    assert queue.get("/health").json()["queue_size"] == 0
    for copy in copies:
        copy.unlink()


def test_a_failed_job_is_retried_afresh(queue: httpx2.Client, cinema: Cinema) -> None:
    path = cinema.films / "late.mkv"
    path.unlink(missing_ok=True)
    failed = _made(_ask(queue, path))
    path.write_bytes(cinema.japanese.read_bytes())
    again = queue.post(f"/api/jobs/{failed['id']}/retry")
    assert again.status_code == 200, again.text
    cleared = ("error", "started_at", "completed_at", "worker_id", "output_path")
    assert again.json()["status"] == "queued"
    assert again.json()["id"] == failed["id"]
    assert (again.json()["current_stage"], again.json()["progress"]) == ("pending", 0.0)
    assert [again.json()[name] for name in cleared] == [None] * len(cleared)
    path.unlink()


def test_only_failed_jobs_are_retried(queue: httpx2.Client, cinema: Cinema) -> None:
    job = _made(_ask(queue, cinema.japanese))
    for _state in ("queued", "cancelled"):
        assert queue.post(f"/api/jobs/{job['id']}/retry").status_code == 400
        queue.delete(f"/api/jobs/{job['id']}")
    assert queue.get(f"/api/jobs/{job['id']}").json()["status"] == "cancelled"


@pytest.mark.parametrize("form", ["DELETE", "POST"])
def test_a_job_is_cancelled_once(queue: httpx2.Client, cinema: Cinema, form: str) -> None:
    def cancel(job_id: str) -> httpx2.Response:
        path = f"/api/jobs/{job_id}"
        return queue.delete(path) if form == "DELETE" else queue.post(f"{path}/cancel")

    job = _made(_ask(queue, cinema.japanese))
    answer = cancel(job["id"])
    assert answer.json() == {"message": f"Job {job['id']} cancelled successfully"}
    ended = queue.get(f"/api/jobs/{job['id']}").json()
    assert (ended["status"], ended["error"]) == ("cancelled", None)
    assert cancel(job["id"]).status_code == 400
    assert cancel(_made(_ask(queue, cinema.films / "gone.mkv"))["id"]).status_code == 400
    assert cancel("987654321").status_code == 404


@pytest.mark.parametrize("name", ["987654321", "abc123", "-1", "1e3", "9" * 30, "%00"])
def test_an_unknown_job_is_not_found(queue: httpx2.Client, name: str) -> None:
    for method, path in (
        ("GET", f"/api/jobs/{name}"),
        ("DELETE", f"/api/jobs/{name}"),
        ("POST", f"/api/jobs/{name}/cancel"),
        ("POST", f"/api/jobs/{name}/retry"),
    ):
        answer = queue.request(method, path)
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])


def test_a_job_of_another_room_is_none_of_these(queue: httpx2.Client, cinema: Cinema) -> None:
    scan = queue.post("/api/scanner/scan", json={"paths": [str(cinema.films / "film")]})
    scan.raise_for_status()
    others = queue.get("/api/v2/jobs", params={"limit": 50}).json()["items"]
    scans = [one["id"] for one in others if one["kind"] == "scan_videos"]
    assert scans
    assert queue.get(f"/api/jobs/{scans[0]}").status_code == 404
    assert queue.delete(f"/api/jobs/{scans[0]}").status_code == 404


def test_clearing_takes_completed_jobs_only(queue: httpx2.Client, cinema: Cinema) -> None:
    _made(_ask(queue, cinema.films / "gone.mkv"))
    _made(_ask(queue, cinema.japanese))
    before = queue.get("/api/jobs/stats").json()
    answer = queue.post("/api/jobs/queue/clear").raise_for_status()
    assert answer.json() == {"message": f"Cleared {before['completed']} completed jobs"}
    gone = before["completed"]
    after = {**before, "completed": 0, "total_jobs": before["total_jobs"] - gone}
    assert queue.get("/api/jobs/stats").json() == after
