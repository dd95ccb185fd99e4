"""The words of `nomarr-v1`: lenient in, exact out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from mediant.api.families import tag_jobs
from mediant.api.families.nomarr_v1 import translate, wire
from mediant.errors import Invalid
from mediant.jobs.job import Job, JobState
from mediant.settings import Settings

JOB = Job(
    id=123,
    uuid="u",
    kind="tag",
    lane="cpu",
    priority=0,
    state=JobState.DONE,
    run_at=0,
    dedup_key=None,
    parent_id=None,
    root_id=None,
    children_left=0,
    children_failed=0,
    payload={"path": "/music/a.mp3"},
    result=None,
    next_id=None,
    attempt=1,
    tries=0,
    deaths=0,
    server_deaths=0,
    max_tries=1,
    worker=None,
    device=None,
    cancel=False,
    progress=1,
    stage=None,
    eta_s=None,
    error_code=None,
    error=None,
    created_at=1698518400.25,
    started_at=1698518401.0,
    finished_at=None,
)


async def _read(body: bytes, query: str = "") -> wire.TagIn:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [], "query_string": query.encode()}
    return await wire.read_tag(Request(scope, receive))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "query", "paths", "force"),
    [
        (b'{"path": " /m/a.mp3 ", "force": true}', "", ["/m/a.mp3"], True),
        (b'{"path": "/m/a.mp3", "force": "true"}', "", ["/m/a.mp3"], True),
        (b'{"path": "/m/a.mp3", "force": 1}', "", ["/m/a.mp3"], True),
        (b'{"path": "/m/a.mp3"}', "force=1", ["/m/a.mp3"], True),
        (b'{"paths": ["/m/a.mp3", "/m/b.mp3"]}', "", ["/m/a.mp3", "/m/b.mp3"], False),
        (b'{"path": ["/m/a.mp3"], "other": 1}', "", ["/m/a.mp3"], False),
        (b"", "path=%2Fm%2Fa.mp3", ["/m/a.mp3"], False),
    ],
)
async def test_a_wish_is_read_leniently(
    body: bytes, query: str, paths: list[str], force: bool
) -> None:
    wish = await _read(body, query)
    assert (wish.paths, wish.force) == (paths, force)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"{", b"[]", b'"x"', b'{"path": "  "}', b'{"path": 5}', b'{"path": null}']
)
async def test_a_wish_without_a_path_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid):
        await _read(body)


def test_iso_times_have_seconds_and_no_zone() -> None:
    assert translate.job_out(JOB).model_dump() == {
        "job_id": 123,
        "status": "done",
        "path": "/music/a.mp3",
        "created_at": "2023-10-28T18:40:00",
        "started_at": "2023-10-28T18:40:01",
        "finished_at": None,
        "error": None,
    }


def test_the_list_has_milliseconds() -> None:
    shown = translate.millis_job_out(JOB)
    assert (shown.created_at, shown.finished_at) == (1698518400250, None)


def test_a_cancelled_job_is_an_error_that_says_so() -> None:
    shown = translate.job_out(replace(JOB, state=JobState.CANCELLED))
    assert (shown.status, shown.error) == ("error", "cancelled")


def test_a_retried_job_shows_no_old_error() -> None:
    assert translate.job_out(replace(JOB, state=JobState.QUEUED, error="old")).error is None


def test_a_wait_that_ended_too_early_says_timeout() -> None:
    running = translate.ended_out(replace(JOB, state=JobState.RUNNING))
    assert (running.status, running.timeout, running.blocking) == ("running", True, True)
    assert "timeout" not in translate.ended_out(JOB).model_dump(exclude_unset=True)


def test_an_unknown_filter_is_invalid() -> None:
    with pytest.raises(Invalid):
        translate.states_of("finished")


@given(
    st.fixed_dictionaries({state: st.integers(0, 10**9) for state in JobState}),
    st.sampled_from([None, *translate.FILTERS]),
)
def test_totals_follow_the_filter(counts: dict[JobState, int], status: str | None) -> None:
    shown = translate.counts_out(counts).model_dump()
    total = translate.total_of(counts, translate.states_of(status))
    name = "pending" if status == "queued" else status
    assert total == (sum(shown.values()) if name is None else shown[name])


def test_strangers_see_no_paths(tmp_path: Path) -> None:
    settings = Settings(config_dir=tmp_path)
    known = translate.config_out(settings, port=1, enabled=True, is_known=True)
    stranger = translate.config_out(settings, port=1, enabled=True, is_known=False)
    assert known.db_path == str(tmp_path / "mediant.db")
    assert (stranger.db_path, stranger.models_dir) == (None, None)


@pytest.mark.parametrize(
    ("pauses", "enabled"),
    [([], True), (["kind:scan"], True), (["all"], False), (["kind:scan", "kind:tag"], False)],
)
def test_a_pause_of_tagging_is_a_disabled_worker(pauses: list[str], enabled: bool) -> None:
    assert tag_jobs.is_enabled(pauses) is enabled


def test_a_write_that_failed_is_an_error_with_its_reason() -> None:
    result = {"write": "failed", "write_error": "song.flac: It has several hard links."}
    out = translate.job_out(replace(JOB, result=result))
    assert (out.status, out.error) == ("error", result["write_error"])
    for fine in ({"write": "written"}, {"write": "skipped", "write_skipped": "x"}, None):
        out = translate.job_out(replace(JOB, result=fine))
        assert (out.status, out.error) == ("done", None)
