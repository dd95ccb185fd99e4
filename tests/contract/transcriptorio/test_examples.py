"""Every row of the family: documented keys and types, both slash forms, and who may call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.contract.shapes import differences, read_rows
from tests.contract.transcriptorio.cinema import Cinema, stop_scanner

ROWS = read_rows("transcriptorio")
OPEN = {"/", "/health", "/status"}
PROVIDER = {"/asr", "/detect-language", "/status"}
"""Bazarr's own protocol, without examples: the tests of the provider speak it."""
ROOT = {"/", "/health"}
"""Served beside the families: tests/contract/test_health.py has more of them."""
GPU = "/api/system/gpu/{device_id}"
HAS_GPU = any(Path("/dev").glob("nvidia[0-9]*"))

NULLABLE = frozenset(
    {
        "completed_at",
        "current_job_eta",
        "current_job_id",
        "device_used",
        "frequency_mhz",
        "last_scan_time",
        "model_used",
        "next_scan_time",
        "output_path",
        "processing_time_seconds",
        "segments_count",
        "source_lang",
        "started_at",
        "updated_at",
        "utilization_percent",
        "vram_used_mb",
        "worker_id",
        # What a rule does not ask.
        "audio_language_is",
        "missing_embedded_subtitle_lang",
        "missing_external_subtitle_lang",
        "file_extension",
    }
)
"""What may be null although its example is not. test_flow.py sees a job with all of its own."""


@dataclass
class Call:
    """One call, made possible: what it names is there."""

    path: str
    json: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    undo: Callable[[], Any] | None = None


Prepare = Callable[[httpx2.Client, Cinema], Call]


def _calls() -> Iterator[Any]:
    for row in ROWS:
        for slash in ("", "/"):
            if row["path"] not in PROVIDER and (row["path"], slash) != ("/", "/"):
                yield pytest.param(row, slash, id=f"{row['method']} {row['path']}{slash}")


def _queued_job(client: httpx2.Client, cinema: Cinema) -> str:
    _cancel_all(client)
    return _job(client, cinema.japanese)


def _failed_job(client: httpx2.Client, cinema: Cinema) -> str:
    _cancel_all(client)
    return _job(client, cinema.films / "none.mkv")


def _cancel_all(client: httpx2.Client) -> None:
    listed = client.get("/api/v2/jobs", params={"kind": "transcribe", "state": "queued"}).json()
    for job in listed["items"]:
        client.post(f"/api/v2/jobs/{job['id']}/cancel").raise_for_status()


def _job(client: httpx2.Client, path: Path) -> str:
    body = {"file_path": str(path), "source_lang": "jpn", "target_lang": "spa"}
    return str(client.post("/api/jobs", json=body).raise_for_status().json()["id"])


def _rule(client: httpx2.Client, row: dict[str, Any]) -> int:
    (example,) = [one["request"] for one in ROWS if _key(one) == "POST /api/scan-rules"]
    _drop_rules(client)
    return int(client.post("/api/scan-rules", json=example).raise_for_status().json()["id"])


def _drop_rules(client: httpx2.Client) -> None:
    for rule in client.get("/api/scan-rules").json():
        client.delete(f"/api/scan-rules/{rule['id']}").raise_for_status()


def _key(row: dict[str, Any]) -> str:
    return f"{row['method']} {row['path']}"


def prepare(row: dict[str, Any], client: httpx2.Client, cinema: Cinema) -> Call:
    """The documented call, with paths, ids and numbers that exist here."""
    key, path, body = _key(row), str(row["path"]), row["request"]
    if "{job_id}" in path:
        make = _failed_job if path.endswith("retry") else _queued_job
        return Call(path.replace("{job_id}", make(client, cinema)), body)
    if "{rule_id}" in path:
        rule_id = str(_rule(client, row))
        is_change = row["method"] == "PUT"
        return Call(path.replace("{rule_id}", rule_id), {"priority": 3} if is_change else body)
    if "{worker_id}" in path:
        added = client.post("/api/workers", json={"worker_type": "cpu"}).raise_for_status().json()
        name = added["worker_id"]
        return Call(
            path.replace("{worker_id}", name),
            params={"timeout": 5} if row["method"] == "DELETE" else {},
            undo=lambda: client.delete(f"/api/workers/{name}"),
        )
    if "{key}" in path:
        name = "worker_cpu_count"
        undo = (lambda: client.delete(f"/api/settings/{name}")) if body else None
        return Call(path.replace("{key}", name), body, undo=undo)
    special = SPECIAL.get(key)
    return (
        special(client, cinema, body) if special else Call(path.replace("{device_id}", "0"), body)
    )


def _create_job(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _cancel_all(client)
    return Call("/api/jobs", {**body, "file_path": str(cinema.japanese)})


def _list_jobs(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _failed_job(client, cinema)
    return Call("/api/jobs")


def _create_rule(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _drop_rules(client)
    return Call("/api/scan-rules", body)


def _list_rules(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _rule(client, {})
    return Call("/api/scan-rules")


def _add_worker(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    def undo() -> None:
        for worker in client.get("/api/workers").json():
            if worker["worker_type"] == "gpu":
                # One that a setting wished for may go by itself.
                client.delete(f"/api/workers/{worker['worker_id']}")

    return Call("/api/workers", body, undo=undo)


def _scan(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _drop_rules(client)
    return Call("/api/scanner/scan", {**body, "paths": [str(cinema.films / "anime")]})


def _start(path: str) -> Any:
    def call(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
        return Call(path, {**body, "paths": [str(cinema.films)]}, undo=lambda: stop_scanner(client))

    return call


def _analyze(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    return Call("/api/scanner/analyze", params={"file_path": str(cinema.japanese)})


def _bulk(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    names = list(body["settings"])
    undo = lambda: [client.delete(f"/api/settings/{name}") for name in names]  # noqa: E731
    return Call("/api/settings/bulk-update", body, undo=undo)


def _create_setting(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    client.delete(f"/api/settings/{body['key']}")
    return Call("/api/settings", body, undo=lambda: client.delete(f"/api/settings/{body['key']}"))


def _browse(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    return Call("/api/filesystem/browse", params={"path": str(cinema.films)})


def _standalone(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    _drop_rules(client)
    return Call("/api/setup/standalone", {**body, "library_paths": [str(cinema.films)]})


def _bazarr(client: httpx2.Client, cinema: Cinema, body: Any) -> Call:
    names = ("operation_mode", "bazarr_provider_enabled", "scanner_enabled")

    def undo() -> None:
        for name in names:
            client.delete(f"/api/settings/{name}").raise_for_status()

    return Call("/api/setup/bazarr-slave", undo=undo)


SPECIAL: dict[str, Callable[[httpx2.Client, Cinema, Any], Call]] = {
    "GET /api/jobs": _list_jobs,
    "POST /api/jobs": _create_job,
    "GET /api/scan-rules": _list_rules,
    "POST /api/scan-rules": _create_rule,
    "POST /api/workers": _add_worker,
    "POST /api/scanner/scan": _scan,
    "POST /api/scanner/scheduler/start": _start("/api/scanner/scheduler/start"),
    "POST /api/scanner/watcher/start": _start("/api/scanner/watcher/start"),
    "POST /api/scanner/analyze": _analyze,
    "POST /api/settings/bulk-update": _bulk,
    "POST /api/settings": _create_setting,
    "GET /api/filesystem/browse": _browse,
    "POST /api/setup/standalone": _standalone,
    "POST /api/setup/bazarr-slave": _bazarr,
}


@pytest.mark.parametrize(("row", "slash"), list(_calls()))
def test_the_answer_is_as_documented(
    cinema: Cinema, visitor: httpx2.Client, row: dict[str, Any], slash: str
) -> None:
    call = prepare(row, visitor, cinema)
    try:
        answer = visitor.request(
            row["method"], call.path + slash, json=call.json, params=call.params
        )
    finally:
        if call.undo is not None:
            call.undo()
    if row["path"] == GPU and not HAS_GPU:
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])
        return
    (response,) = row["responses"]
    assert answer.status_code == response["status"], answer.text
    assert list(differences(response["body"], answer.json(), NULLABLE)) == []


@pytest.mark.parametrize(("row", "slash"), list(_calls()))
def test_a_credential_is_needed(cinema: Cinema, row: dict[str, Any], slash: str) -> None:
    if row["path"] in OPEN:
        return
    path = str(row["path"]).replace("{", "").replace("}", "").replace("device_id", "0")
    path = path.replace("rule_id", "1")
    with cinema.stranger() as stranger:
        # Too many wrong keys a minute are answered otherwise: one form of each path is enough.
        wrong = [] if slash else [{"Authorization": "Bearer wrong"}]
        for headers in ({}, *wrong):
            answer = stranger.request(
                row["method"], path + slash, json=row["request"], headers=headers
            )
            assert (answer.status_code, list(answer.json())) in (
                (401, ["detail"]),
                (429, ["detail"]),
            )


def test_no_row_is_left_out(cinema: Cinema) -> None:
    served = _served(cinema)
    documented = {(row["method"], _anonymous(row["path"])) for row in ROWS}
    elsewhere = {("GET", path) for path in ROOT}
    elsewhere |= {(row["method"], row["path"]) for row in ROWS if row["path"] in PROVIDER}
    assert documented - served - elsewhere == set()
    assert len(documented) == len(ROWS) == 52


def test_every_row_is_called() -> None:
    """Those without an example are the provider's."""
    assert {row["path"] for row in ROWS if not row["responses"]} == PROVIDER


def _served(cinema: Cinema) -> set[tuple[str, str]]:
    with cinema.client() as client:
        answer = client.get("/openapi/transcriptorio.json").raise_for_status()
    paths = answer.json()["paths"]
    return {(m.upper(), _anonymous(path)) for path, methods in paths.items() for m in methods}


def _anonymous(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
