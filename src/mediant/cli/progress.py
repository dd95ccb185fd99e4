"""A voice on stderr that says how far tagging is: a bar on a terminal, else a line now and then."""

import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mediant.app import App
from mediant.cli.output import warn
from mediant.cli.unread import list_troubles
from mediant.cli.waiting import STAGE, News
from mediant.errors import SKIPPED_CODES
from mediant.jobs.forecast import Forecast
from mediant.jobs.job import Job, JobState
from mediant.kernel.clock import now_s
from mediant.kernel.units import format_duration
from mediant.tagging.wish import TAG

BAR_S, LINE_S = 0.5, 5.0
FAILED_REMEDY = "mediant jobs --state failed"


@dataclass(frozen=True, slots=True)
class Look:
    """How far the present batch is: what was enqueued since the last time that all was done."""

    is_scanning: bool
    ended: Mapping[JobState, int]
    forecast: Forecast

    @property
    def done(self) -> int:
        """Jobs of the batch that ended, however."""
        return sum(self.ended.values())

    @property
    def total(self) -> int:
        """All jobs of the batch."""
        return self.done + self.forecast.left

    @property
    def is_busy(self) -> bool:
        """Whether there is something to wait for."""
        return self.is_scanning or self.forecast.left > 0


class ProgressTalk:
    """Speaks while there is something to tag, and once when everything is done."""

    def __init__(self, mediant: App, *, since: float, enabled: bool) -> None:
        """`since`: when this start began, in epoch seconds. What ended earlier does not count."""
        self.scan_id: int | None = None
        """The scan that has to end before anything can be called done."""
        self._has_scanned = False
        self._mediant = mediant
        self._enabled = enabled
        self._begun_at = since
        self._news = News()
        self._is_waiting = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if self._enabled:
            self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        if self._enabled:
            self._thread.join()

    def _run(self) -> None:
        if sys.stderr.isatty():
            self._show_bar()
        else:
            self._say_lines()

    def _say_lines(self) -> None:
        while not self._ending.wait(LINE_S):
            look = self._look()
            if look.forecast.left and not self._is_waiting:
                warn(f"Tagging {look.done}/{look.total}{_describe(look.forecast)}")

    def _show_bar(self) -> None:
        columns = (
            TextColumn("Tagging"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=None, visible=False)
            while not self._ending.wait(BAR_S):
                look = self._look()
                progress.update(
                    task,
                    total=look.total,
                    completed=look.done,
                    description=STAGE if self._is_waiting else _describe(look.forecast),
                    visible=look.forecast.left > 0,
                )

    def _look(self) -> Look:
        """See how far it is, and say what has changed: what it waits for, that all is done."""
        queue = self._mediant.queue
        # Asked before the counts: a scan that ends has enqueued what it found.
        is_scanning = self._is_scanning()
        look = Look(is_scanning, queue.count_ended(TAG, self._begun_at), queue.forecast(TAG))
        self._tell_waiting(look)
        if not look.is_busy:
            # Counted anew: the last jobs may have ended between the two questions above.
            begun_at, self._begun_at = self._begun_at, now_s()
            self._conclude(begun_at, self._begun_at)
        return look

    def _tell_waiting(self, look: Look) -> None:
        found = None
        if look.is_scanning and self.scan_id is not None:
            found = self._mediant.hindrances.of_job(self._mediant.queue.get_job(self.scan_id))
        elif look.forecast.left:
            found = self._mediant.hindrances.of_kind(TAG)
        self._is_waiting = found is not None and found.cause != "turn"
        if found is None or not self._is_waiting:
            self._news = News()
        elif (line := self._news.take(asdict(found))) is not None:
            warn(line)

    def _conclude(self, since: float, until: float) -> None:
        """Say once that all is done, also when the scan found nothing to do."""
        queue = self._mediant.queue
        ended = queue.count_ended(TAG, since, until)
        if any(ended.values()) or self._has_scanned:
            self._has_scanned = False
            skipped = queue.count_failed(SKIPPED_CODES, TAG, since, until)
            done = _count(ended, skipped)
            if not done and self._mediant.tagging.tell_hindrance() is not None:
                warn("No music can be tagged yet.")
            else:
                warn(f"All done: {done or self._describe_rest()}.")

    def _describe_rest(self) -> str:
        """That there was nothing to do, and what is left of earlier times."""
        queue = self._mediant.queue
        failed = queue.count_jobs(TAG)[JobState.FAILED] - queue.count_failed(SKIPPED_CODES, TAG)
        earlier = f"; {failed} failed earlier ({FAILED_REMEDY})" if failed else ""
        return f"nothing new to tag{earlier}"

    def _is_scanning(self) -> bool:
        if self.scan_id is None:
            return False
        job = self._mediant.queue.get_job(self.scan_id)
        if job.state.is_ended:
            self.scan_id, self._has_scanned = None, True
            _tell_scan(job)
        return not job.state.is_ended


def _tell_scan(job: Job) -> None:
    """What of a scan somebody has to look after."""
    if job.state is JobState.FAILED:
        warn(f"The scan failed: {job.error}")
    for line in list_troubles(job.result or {}, job.id):
        warn(line)


def _count(ended: Mapping[JobState, int], skipped: int) -> str:
    """`41 done, 1 failed (mediant jobs --state failed)`; empty when nothing ended."""
    failed = ended[JobState.FAILED] - skipped
    words = {
        "done": ended[JobState.DONE],
        "skipped": skipped,
        f"failed ({FAILED_REMEDY})": failed,
        "cancelled": ended[JobState.CANCELLED],
    }
    return ", ".join(f"{n} {word}" for word, n in words.items() if n)


def _describe(forecast: Forecast) -> str:
    if forecast.rate_per_s is None:
        return ""
    text = f", {forecast.rate_per_s * 60:.1f} files a minute"
    if forecast.eta_s is not None:
        text += f", {format_duration(forecast.eta_s)} left"
    return text
