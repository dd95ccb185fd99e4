"""Waiting for a server to have nothing to do."""

import time

import httpx2

PATIENCE_S = 300.0


def wait_until_idle(client: httpx2.Client) -> dict[str, int]:
    """Wait until all jobs have ended, and what they led to; jobs by state."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        counts: dict[str, int] = client.get("/api/v2/jobs/counts").json()["counts"]
        if not counts["queued"] and not counts["running"]:
            return counts
        assert time.monotonic() < deadline
        time.sleep(0.1)
