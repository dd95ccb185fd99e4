"""Waiting for what a test asked of a server."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2

from mediant.testing.waiting import PATIENCE_S

ANSWER_S = 30.0
"""How much longer the answer to a wait may take than the wait."""
IDLE_S = 300.0
POLL_S = 0.1


def wait_for(
    client: httpx2.Client, wish: int | Mapping[str, Any], patience_s: float = PATIENCE_S
) -> dict[str, Any]:
    """The job that heeded a wish, as it ended.

    A wish is a job's id, or what v2 answered to it: when it follows a running twin, the job
    behind that twin heeds it. Raises `TimeoutError` when the job is still live after `patience_s`.
    """
    given = {"job_id": wish, "follows": False} if isinstance(wish, int) else wish
    job = _wait(client, given["job_id"], patience_s)
    while given["follows"] and job["next_id"] is not None:
        job = _wait(client, job["next_id"], patience_s)
    return job


def wait_until_idle(client: httpx2.Client, patience_s: float = IDLE_S) -> dict[str, int]:
    """Wait until all jobs have ended, and what they led to; jobs by state.

    What a job leads to is enqueued in the transaction that ends it. Raises `TimeoutError`.
    """
    deadline = time.monotonic() + patience_s
    while True:
        answer = client.get("/api/v2/jobs/counts").raise_for_status()
        counts: dict[str, int] = answer.json()["counts"]
        if not counts["queued"] and not counts["running"]:
            return counts
        if time.monotonic() > deadline:
            raise TimeoutError(f"Jobs are live after {patience_s:g} s: {counts}.")
        time.sleep(POLL_S)


def list_live(client: httpx2.Client) -> list[dict[str, Any]]:
    """The jobs that wait or run; 500 at most."""
    params: dict[str, Any] = {"state": ["queued", "running"], "limit": 500}
    answer = client.get("/api/v2/jobs", params=params).raise_for_status()
    jobs: list[dict[str, Any]] = answer.json()["items"]
    return jobs


def _wait(client: httpx2.Client, job_id: int, patience_s: float) -> dict[str, Any]:
    address, params = f"/api/v2/jobs/{job_id}/wait", {"timeout_s": patience_s}
    answer = client.get(address, params=params, timeout=patience_s + ANSWER_S)
    job: dict[str, Any] = answer.raise_for_status().json()
    if job["state"] in {"queued", "running"}:
        raise TimeoutError(f"Job {job_id} is still {job['state']} after {patience_s:g} s.")
    return job
