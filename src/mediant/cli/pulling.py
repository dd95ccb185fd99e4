"""A voice on stderr for what a pull does: a bar on a terminal, else a line now and then."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from mediant.cli.options import Options
from mediant.kernel.clock import monotonic_s
from mediant.models.step import PullStep, Transfer

LINE_S = 10.0


class PullTalk:
    """Is told each step. A context: the bar goes when it ends."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._bar: tuple[Progress, TaskID] | None = None
        self._said_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._drop_bar()

    def __call__(self, step: PullStep) -> None:
        if isinstance(step, Transfer):
            self._show(step)
            return
        self._drop_bar()
        self._options.say(f"{step.model}: {step.text}")

    def _show(self, step: Transfer) -> None:
        if self._options.is_quiet:
            return
        if sys.stderr.isatty():
            self._move_bar(step)
        elif monotonic_s() - self._said_at >= LINE_S:
            self._said_at = monotonic_s()
            self._options.say(f"{step.model}: {step.text}")

    def _move_bar(self, step: Transfer) -> None:
        if self._bar is None:
            columns = (BarColumn(), TextColumn("{task.description}", markup=False))
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar = progress, progress.add_task("", total=step.total_bytes)
            progress.start()
        progress, task = self._bar
        progress.update(task, completed=step.done_bytes, description=step.text)

    def _drop_bar(self) -> None:
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None
