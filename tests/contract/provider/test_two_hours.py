"""Two hours of sound while somebody looks at the pages, and nothing of it is held twice."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np
import psutil
import pytest
from tests.contract.house import server_environ
from tests.contract.provider.studio import SECOND, Studio
from tests.contract.speech import NEEDS_SPEECH, SPEECH

from mediant.subtitles.formats import read_cues
from mediant.testing.bazarr import Answer, Bazarr, accepts_subtitle, hear_file
from mediant.testing.server import running_server
from mediant.testing.speech import join, read_english
from mediant.testing.waiting import wait_until

pytestmark = [pytest.mark.slow, *NEEDS_SPEECH]

TWO_HOURS_S = 7200
PLACES_S = (60, 3600, 7100)
"""Where somebody speaks; the rest is silence, so that the work is short."""
MARK_S = 0.100
"""What the pages' p99 should stay below. It is printed, not asserted: tests run side by side."""
PAGES = (
    "/api/v2/jobs",
    "/api/v2/jobs/counts",
    "/api/v2/workers",
    "/api/v2/subtitles/jobs",
    "/api/v2/system/health",
    "/api/status",
    "/status",
    "/health",
)
PAUSE_S = 0.02


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A server of its own, whose memory nobody else fills."""
    with running_server(tmp_path / "config", server_environ()) as server:
        yield Studio(server)


@pytest.fixture
def sender() -> Iterator[ProcessPoolExecutor]:
    """Another process, so that sending slows no measurement down."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two hours as Bazarr sends them: 230 MB."""
    path = tmp_path / "film.pcm"
    _write_film(path)
    return path


def _write_film(path: Path, mark: int = 0) -> None:
    speech, _ = join(read_english(SPEECH))
    with path.open("wb") as file:
        file.truncate(TWO_HOURS_S * SECOND + 2 * mark)
        for place_s in PLACES_S:
            file.seek(place_s * SECOND)
            file.write(speech.astype("<i2").tobytes())


@dataclass
class Seen:
    """What the pages took, and the server's memory."""

    took_s: dict[str, list[float]] = field(default_factory=dict)
    rss: list[int] = field(default_factory=list)

    def all_s(self) -> list[float]:
        return [one for times in self.took_s.values() for one in times]


def _look(studio: Studio, is_over: Callable[[], bool], seen: Seen) -> None:
    """Ask for one page after the other until it is over."""
    process = psutil.Process(studio.server.process.pid)
    with studio.client() as client:
        while not is_over():
            for page in PAGES:
                began = time.perf_counter()
                _get(client, page)
                seen.took_s.setdefault(page, []).append(time.perf_counter() - began)
                seen.rss.append(process.memory_info().rss)
                time.sleep(PAUSE_S)


def _get(client: httpx2.Client, page: str) -> None:
    client.get(page).raise_for_status()


def test_two_hours_are_heard_while_others_look(
    studio: Studio, sender: ProcessPoolExecutor, film: Path
) -> None:
    endpoint = f"{studio.server.url}/provider/{studio.server.key}"
    rounds = iter(range(5))
    warm = Seen()
    _look(studio, lambda: next(rounds, None) is None, warm)
    began, seen = time.monotonic(), Seen()
    call: Future[Answer] = sender.submit(hear_file, endpoint, film, "en")
    _look(studio, call.done, seen)
    took_s, answer = time.monotonic() - began, call.result()
    size, growth = film.stat().st_size, max(seen.rss) - warm.rss[-1]
    p99 = float(np.quantile(seen.all_s(), 0.99))
    print(f"\n{size / 1e6:.0f} MB answered in {took_s:.1f} s, {len(seen.all_s())} pages meanwhile:")
    print(f"p50 {np.median(seen.all_s()) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, ", end="")
    print(f"mark {MARK_S * 1000:.0f} ms, ", end="")
    print(f"longest {max(seen.all_s()) * 1000:.1f} ms; before: ", end="")
    print(f"p99 {np.quantile(warm.all_s(), 0.99) * 1000:.1f} ms")
    print(f"memory of the server: at most {growth / 1e6:.1f} MB more than before; ", end="")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    assert accepts_subtitle(answer)
    starts = [cue.start_ms / 1000 for cue in read_cues(answer.body)]
    for place_s in PLACES_S:
        assert any(abs(start - place_s) < 1.0 for start in starts)
    assert growth < size / 2
    wait_until(lambda: studio.spooled() == [])


def test_two_hours_for_nobody_are_given_up(studio: Studio, film: Path) -> None:
    bazarr = Bazarr(f"{studio.server.url}/provider/{studio.server.key}")
    target = "/asr?task=transcribe&language=en&output=srt&encode=false"
    with bazarr.sending(target, film) as call:
        wait_until(lambda: [job["state"] for job in studio.live()] == ["running"])
        call.hang_up()
        wait_until(lambda: not studio.live())
    assert [job["state"] for job in studio.jobs()] == ["cancelled"]
    wait_until(lambda: studio.spooled() == [])
