"""A voice on stderr that says how far tagging is: a bar on a terminal, else a line now and then."""

import sys
import threading
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mediant.app import App
from mediant.cli.output import warn
from mediant.jobs.forecast import Forecast
from mediant.jobs.job import JobState
from mediant.kernel.units import format_duration
from mediant.tagging.wish import TAG

BAR_S, LINE_S = 0.5, 5.0


class ProgressTalk:
    """Speaks while there is something to tag, and once when everything is done."""

    def __init__(self, mediant: App, *, enabled: bool) -> None:
        self.scan_id: int | None = None
        """The scan that has to end before anything can be called done."""
        self._has_scanned = False
        self._mediant = mediant
        self._enabled = enabled
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
        was_busy = False
        while not self._ending.wait(LINE_S):
            is_scanning = self._is_scanning()
            total, forecast = self._look()
            if forecast.left:
                warn(f"Tagging {total - forecast.left}/{total}{_describe(forecast)}")
            is_busy = is_scanning or forecast.left > 0
            self._conclude(was_busy=was_busy, is_busy=is_busy)
            was_busy = is_busy

    def _show_bar(self) -> None:
        columns = (
            TextColumn("Tagging"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=None, visible=False)
            was_busy = False
            while not self._ending.wait(BAR_S):
                is_scanning = self._is_scanning()
                total, forecast = self._look()
                done, text = total - forecast.left, _describe(forecast)
                progress.update(
                    task, total=total, completed=done, description=text, visible=forecast.left > 0
                )
                is_busy = is_scanning or forecast.left > 0
                self._conclude(was_busy=was_busy, is_busy=is_busy)
                was_busy = is_busy

    def _look(self) -> tuple[int, Forecast]:
        counts = self._mediant.queue.count_jobs(TAG)
        return sum(counts.values()), self._mediant.queue.forecast(TAG)

    def _conclude(self, *, was_busy: bool, is_busy: bool) -> None:
        """Say once that all is done, also when the scan found nothing to do."""
        if (was_busy or self._has_scanned) and not is_busy:
            self._has_scanned = False
            counts = self._mediant.tagging.count_tracks()
            warn("All done: " + ", ".join(f"{n} {state}" for state, n in counts.items()) + ".")

    def _is_scanning(self) -> bool:
        """Asked before the counts: a scan that ends has enqueued what it found."""
        if self.scan_id is None:
            return False
        state = self._mediant.queue.get_job(self.scan_id).state
        if state is JobState.FAILED:
            warn(f"The scan failed: {self._mediant.queue.get_job(self.scan_id).error}")
        if state.is_ended:
            self.scan_id, self._has_scanned = None, True
        return not state.is_ended


def _describe(forecast: Forecast) -> str:
    if forecast.rate_per_s is None:
        return ""
    text = f", {forecast.rate_per_s * 60:.1f} files a minute"
    if forecast.eta_s is not None:
        text += f", {format_duration(forecast.eta_s)} left"
    return text
