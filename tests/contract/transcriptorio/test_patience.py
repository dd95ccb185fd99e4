"""Whoever waits takes nobody else's turn: the server answers others at once meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
from tests.contract.transcriptorio.cinema import Cinema

from mediant.testing.waiting import wait_until

WAITING = 60
"""More than the server has threads for requests."""
ASKED = 40


def test_many_who_wait_for_scans_hold_nobody_up(cinema: Cinema, visitor: httpx2.Client) -> None:
    visitor.post("/api/v2/jobs/pause", json={"scope": "lane:io"}).raise_for_status()

    def scan(_: int) -> int:
        with cinema.client() as client:
            return client.post("/api/scanner/scan").status_code

    with ThreadPoolExecutor(WAITING) as crowd:
        told = [crowd.submit(scan, number) for number in range(WAITING)]
        try:
            kind = {"kind": "scan_videos", "state": "queued"}
            wait_until(lambda: visitor.get("/api/v2/jobs", params=kind).json()["items"])
            took_s = [_time(visitor, path) for path in ("/health", "/api/status") * (ASKED // 2)]
            assert not any(one.done() for one in told)
        finally:
            visitor.post("/api/v2/jobs/resume", json={"scope": "lane:io"}).raise_for_status()
        assert [one.result() for one in told] == [200] * WAITING
    took_s.sort()
    print(f"median {1000 * took_s[ASKED // 2]:.1f} ms, longest {1000 * took_s[-1]:.1f} ms")


def _time(client: httpx2.Client, path: str) -> float:
    began = time.monotonic()
    client.get(path).raise_for_status()
    return time.monotonic() - began
