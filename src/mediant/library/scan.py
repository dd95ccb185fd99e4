"""The scan's work: walk a root, hand over what was found in batches. Runs in a worker process.

A batch covers one closed stretch of paths, with everything that is there. The server compares it
with the rows of that stretch (`scan_kind`). A stretch is only handed over after a look at the root
itself, so that a disk that goes away in the middle is not read as deleted files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.clock import monotonic_s, now_s
from mediant.library.diff import Found, Span, after
from mediant.library.roots import RootStamp, check_root, check_same, empty_root
from mediant.library.walk import ListFolder, Rules, Skipped, Step, Unread, Walk, list_folder

BATCH_FILES = 2_000
BATCH_S = 2.0
"""A batch is handed over when it is so large or so old: slow disks show progress too."""
_LOOK_EVERY = 256
_NAMED_AT_MOST = 50
_TOLD_AT_MOST = 5
"""Unread folders and files that the result names; the log names more."""
_NS = 1_000_000_000

_SKIP_TEXTS = {
    "link": "symbolic links are not followed",
    "name": "the name is not valid UTF-8",
    "kind": "it is a pipe, a socket or a device",
}


def run(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Scan one library or some of its paths; the payload is made by `ScanJobs.prepare`.

    Raises Refused, with nothing changed, when the root is not really there.
    """
    return scan_root(payload, watch)


def scan_root(
    payload: Payload, watch: Watch, list_folder: ListFolder = list_folder
) -> dict[str, Any]:
    """As `run`, with the function that lists a folder as an argument."""
    stamp = check_root(payload["root"], payload["known"])
    walk = Walk(payload["root"], Rules(payload["ignore"]), list_folder)
    sender = _Sender(payload, watch, stamp, replace(walk, rules=Rules()))
    targets: Sequence[str] | None = payload["targets"]
    if targets is None:
        sender.send(Span("", None), walk.folder())
    else:
        for target in targets:
            for span, steps in walk.target(target):
                sender.send(span, steps)
    return sender.finish()


@dataclass(slots=True)
class _Sender:
    """Collects the steps of a walk into batches and reports what could not be taken."""

    payload: Payload
    watch: Watch
    stamp: RootStamp
    whole: Walk
    """The same walk, with nothing ignored."""
    seen: int = 0
    unread: int = 0
    unsettled: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    entries: list[Found] = field(default_factory=list)
    untouched: list[Span] = field(default_factory=list)
    unread_paths: list[str] = field(default_factory=list)
    steps: int = 0
    sent_at: float = field(default_factory=monotonic_s)

    def send(self, span: Span, steps: Iterator[Step]) -> None:
        """Hand over everything of one span."""
        start = span.start
        for step in steps:
            self._take(step)
            if self.entries and self._is_due():
                stop = after(self.entries[-1].path)
                self._emit(Span(start, stop))
                start = stop
        if self.payload["targets"] is None and self.payload["known"] and self._shows_nothing():
            raise empty_root(self.payload["root"])
        self._emit(Span(start, span.stop))

    def _shows_nothing(self) -> bool:
        """Whether it may be an unmounted disk; a folder of which all is ignored is none."""
        return not self.seen and not any(isinstance(step, Found) for step in self.whole.folder())

    def finish(self) -> dict[str, Any]:
        """The result of the job: what was seen and what was not."""
        for reason, count in sorted(self.skipped.items()):
            if count > _NAMED_AT_MOST:
                rest = count - _NAMED_AT_MOST
                self.watch.log("warning", f"{rest} more passed over: {_SKIP_TEXTS[reason]}.")
        return {
            "seen": self.seen,
            "unread": self.unread,
            "unread_paths": self.unread_paths,
            "unsettled": self.unsettled,
            "skipped": sum(self.skipped.values()),
        }

    def _take(self, step: Step) -> None:
        self.steps += 1
        if self.steps % _LOOK_EVERY == 0:
            self.watch.stop_if_cancelled()
        if isinstance(step, Found):
            self._take_file(step)
        elif isinstance(step, Unread):
            self.unread += 1
            self.untouched.append(step.span)
            self._name_unread(f"{step.span.start.rstrip('/')} ({step.text})")
            self._warn(self.unread, f"{step.span.start!r} was left as it is: {step.text}.")
        else:
            self._skip(step)

    def _name_unread(self, told: str) -> None:
        # An entry of unknown type is two spans with one name.
        if len(self.unread_paths) < _TOLD_AT_MOST and told not in self.unread_paths:
            self.unread_paths.append(told)

    def _take_file(self, file: Found) -> None:
        settle_s = self.payload.get("settle_s", 0.0)
        if settle_s and 0 <= now_s() - file.mtime_ns / _NS < settle_s:
            self.unsettled += 1
            self.untouched.append(Span(file.path, after(file.path)))
            return
        self.seen += 1
        self.entries.append(file)

    def _skip(self, step: Skipped) -> None:
        self.skipped[step.reason] = self.skipped.get(step.reason, 0) + 1
        text = f"{step.path} was passed over: {_SKIP_TEXTS[step.reason]}."
        self._warn(self.skipped[step.reason], text)

    def _warn(self, count: int, text: str) -> None:
        if count <= _NAMED_AT_MOST:
            self.watch.log("warning", text)

    def _is_due(self) -> bool:
        if len(self.entries) >= BATCH_FILES:
            return True
        return self.steps % _LOOK_EVERY == 0 and monotonic_s() - self.sent_at > BATCH_S

    def _emit(self, span: Span) -> None:
        self.watch.stop_if_cancelled()
        check_same(self.payload["root"], self.stamp)
        self.watch.emit(
            {
                "library_id": self.payload["library_id"],
                "span": [span.start, span.stop],
                "entries": [list(entry) for entry in self.entries],
                "untouched": [list(one) for one in self.untouched],
                "fresh": self.payload["fresh"],
                "force": self.payload["force"],
            }
        )
        # A span that reaches beyond this batch also protects rows of the next one.
        self.untouched = [one for one in self.untouched if _reaches(one, span.stop)]
        self.entries = []
        self.sent_at = monotonic_s()
        known = self.payload["known"]
        self.watch.report(min(0.99, self.seen / known) if known else 0.0, f"{self.seen} files")


def _reaches(span: Span, stop: str | None) -> bool:
    return stop is not None and (span.stop is None or span.stop > stop)
