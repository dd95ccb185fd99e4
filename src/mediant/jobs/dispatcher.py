"""The dispatcher: the one thread that claims jobs, and the only one that moves running ones."""

import logging
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from mediant.errors import AlreadyOwned, Busy, Invalid, MediantError
from mediant.jobs.claim import Claim, Claimer
from mediant.jobs.crew import Crew, WorkerInfo
from mediant.jobs.floor import Floor
from mediant.jobs.housekeeping import Housekeeping
from mediant.jobs.journal import Change
from mediant.jobs.lane import LANES, FindFault, LaneWishes, find_no_fault, wish_nothing
from mediant.jobs.log import JobLog
from mediant.jobs.outcome import Settler
from mediant.jobs.pool.port import WorkerPool
from mediant.jobs.progress import Progress
from mediant.jobs.queue import JobQueue
from mediant.jobs.recovery import Recovery
from mediant.jobs.roster import Roster
from mediant.jobs.schedule import Schedules
from mediant.jobs.staff import Staff
from mediant.jobs.statement import Statement
from mediant.jobs.suspicion import ALONE_TEXT, runs_alone
from mediant.jobs.trouble import SpaceGuard, Trouble, Troubles
from mediant.jobs.wake import Wake
from mediant.kernel.clock import monotonic_s, now_s
from mediant.settings.model import JobsSettings
from mediant.store.failures import is_disk_full
from mediant.store.owner import OwnerLock, own

IDLE_S = 0.5
"""The queue is looked at so often without being woken: delayed jobs, other processes."""
SUPERVISE_S = 0.1
CANCEL_CHECK_S = 0.05
SCHEDULE_S = 1.0
LOCK_CHECK_S = 5.0
LOG_S = 0.5
STOP_SLACK_S = 5.0

_CANCELLED = "SELECT id FROM job WHERE state = 'running' AND cancel = 1 AND worker IS NOT NULL"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a dispatcher finds around it besides its queue and its pool."""

    lock: OwnerLock | None = None
    """The held owner lock. When it is lost, the workers are killed, and the dispatcher stands by
    until it can have the database again."""
    schedules: Schedules | None = None
    folder: Path | None = None
    """Where free space is needed; nowhere without it."""
    free_bytes: Callable[[Path], int] | None = None
    lanes: LaneWishes = wish_nothing
    find_fault: FindFault = find_no_fault


ALONE = Surroundings()


class Dispatcher:
    """Claims jobs for idle workers, writes what came of them, and keeps the workers alive.

    `wake` is the same bell that the queue rings.
    """

    def __init__(
        self,
        queue: JobQueue,
        pool: WorkerPool,
        settings: JobsSettings,
        wake: Wake,
        around: Surroundings = ALONE,
    ) -> None:
        self.owner = f"{os.getpid()}:{now_s():.3f}"
        self.beat_at = now_s()
        self._queue, self._journal = queue, queue.journal
        self._database, self._bus = self._journal.database, self._journal.bus
        self._pool, self._settings, self._wake = pool, settings, wake
        self._lock, self._schedules = around.lock, around.schedules
        self._lock_anew: OwnerLock | None = None
        dialect = self._database.engine.dialect
        self._progress, self._log = Progress(dialect), JobLog(dialect)
        self._crew = Crew()
        self._staff = Staff(self._crew, around.lanes, around.find_fault)
        self._floor = Floor(pool, self._crew, self._progress, self._log, self._staff.wish)
        self._claimer = Claimer(dialect, queue.kinds, self.owner)
        self._settler = Settler(
            dialect, queue.kinds, queue.intake, queue.ancestors, queue.followers
        )
        self._recovery = Recovery(
            dialect, queue.ancestors, queue.followers, self._settler.note_failure, self.owner
        )
        self._roster = Roster(dialect)
        self._troubles = Troubles(self._bus)
        self._space = SpaceGuard(around.folder, settings.free_space_mb << 20, around.free_bytes)
        self._housekeeping = Housekeeping(queue, self._journal.history, settings.keep_finished_s)
        self._cancelled = Statement(dialect, _CANCELLED)
        self._removals: deque[tuple[str, float]] = deque()
        self._is_recovered = self._is_refresh_due = False
        self._stop_s: float | None = None
        self._done_at: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def troubles(self) -> dict[str, str]:
        """What keeps jobs from running now: cause and sentence."""
        return self._troubles.causes

    def describe_troubles(self) -> list[Trouble]:
        """The same with figures and remedies, for whoever waits for a job."""
        return self._troubles.describe()

    def start(self) -> None:
        """Recover what was lost, start the workers of the settings, and dispatch."""
        own = {"cpu": self._settings.cpu_workers, "io": self._settings.io_workers}
        for lane, n in own.items():
            for _ in range(n):
                self._staff.add(lane, None)
        self._staff.review()
        self._thread.start()

    def stop(self, drain_s: float | None = None) -> None:
        """Let running jobs end within `drain_s` seconds, hand the others back uncounted, end."""
        self._stop_s = self._settings.drain_s if drain_s is None else drain_s
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()

    def add_worker(self, lane: str, device: str | None = None) -> str:
        """One more worker of a lane, on the CPU or on a device like `cuda:0`; its name.

        It starts soon, or with its first job. On a device that is not there it stays in `error`,
        with the reason as its `fault`. Invalid for an unknown lane.
        """
        if lane not in LANES:
            raise Invalid("There is no such lane.", asset=lane, remedy=f"Use {', '.join(LANES)}.")
        name = self._staff.add(lane, device)
        self._wake()
        return name

    def remove_worker(self, name: str, drain_s: float = 30.0) -> None:
        """Let a worker finish its job within `drain_s`, else kill it. NotFound. Returns at once;
        a job that was cut off is queued again and has lost no try."""
        self._crew.get(name)
        self._removals.append((name, drain_s))
        self._wake()

    def refresh_workers(self) -> None:
        """Let the workers close what they keep between jobs (networks, sandboxes), each once its
        job has ended; they are made anew at need. Returns at once."""
        self._is_refresh_due = True
        self._wake()

    def list_workers(self) -> list[WorkerInfo]:
        """Everyone at work here."""
        return [seat.info() for seat in self._crew]

    def _run(self) -> None:
        while self._stop_s is None:
            self._step()
        self._end(self._stop_s)

    def _step(self) -> None:
        """One round. It never raises: a dispatcher that ended would strand every job."""
        try:
            events = self._pool.events(self._patience(), (self._wake,))
            is_rung = self._wake.clear()
            self._floor.hear(events)
            self._guard(lambda: self._take_turn(is_rung))
            if self._is_due("supervise", SUPERVISE_S):
                self._supervise()
        except Exception as error:  # noqa: BLE001 (supervisor loop)
            _log.exception("The dispatcher met an unexpected error.")
            self._troubles.begin("internal", type(error).__name__)
        self.beat_at = now_s()

    def _patience(self) -> float:
        is_busy = any(True for _ in self._crew.slots()) or self._floor.outcomes
        return SUPERVISE_S if is_busy or self._troubles.causes else IDLE_S

    def _is_due(self, what: str, every_s: float) -> bool:
        now = monotonic_s()
        if now - self._done_at.get(what, float("-inf")) < every_s:
            return False
        self._done_at[what] = now
        return True

    def _guard(self, action: Callable[[], None]) -> bool:
        """Do something with the database; False, and a trouble, when it is not to be had."""
        if self._troubles.is_resting():
            return False
        try:
            action()
        except Busy as error:
            self._troubles.begin("database", error)
        except DBAPIError as error:
            if not is_disk_full(error):
                raise
            self._troubles.begin("disk_full", error.orig)
        else:
            return True
        return False

    def _take_turn(self, is_rung: bool) -> None:
        """Everything that one commit can hold: outcomes, claims, logs, schedules."""
        if not self._come_back():
            return
        if not self._is_recovered:
            self._recover()
        self._absorb_parts()
        if not self._has_work(is_rung):
            return
        n_outcomes, n_news = len(self._floor.outcomes), len(self._floor.news)
        names = {seat.name for seat in self._crew}
        with self._journal.change() as change:
            self._settler.settle(change, self._floor.outcomes)
            change.events += self._floor.news
            is_roster_due = self._roster.is_due(names)
            if is_roster_due:
                self._roster.write(change.tx, self.list_workers())
            if self._schedules is not None and self._is_due("schedules", SCHEDULE_S):
                self._schedules.due(change, self._queue.intake, now_s())
            claims = self._claim(change)
            self._call_sleepers(change.tx, claims)
            self._progress.write(change.tx, monotonic_s())
            n_lines = self._log.write(change.tx)
        del self._floor.outcomes[:n_outcomes], self._floor.news[:n_news]
        self._log.written(n_lines)
        if is_roster_due:
            self._roster.written(names)
        self._floor.deliver(claims)

    def _has_work(self, is_rung: bool) -> bool:
        if is_rung or self._floor.outcomes or self._floor.news:
            return True
        if self._progress.is_due(monotonic_s()) or (self._log and self._is_due("log", LOG_S)):
            return True
        if self._roster.is_due({seat.name for seat in self._crew}):
            return True
        if not self._is_due("look", IDLE_S):
            return False
        if self._schedules is not None and self._schedules.has_due(now_s()):
            return True
        with self._database.read() as connection:
            has_takers = bool(self._crew.rooms() or self._staff.sleepers())
            return has_takers and self._claimer.has_waiting(connection)

    def _claim(self, change: Change) -> list[Claim]:
        if self._stop_s is not None or "no_space" in self._troubles.causes:
            return []
        rooms = self._crew.rooms()
        if not rooms:
            return []
        running = [slot.job for _, slot in self._crew.slots()]
        claims, failed = self._claimer.claim(change, rooms, self._staff.caps(), running)
        if failed:
            self._settler.settle(change, failed)
        for job in [claim.job for claim in claims if runs_alone(claim.job)]:
            self._log.add(job.id, "warning", ALONE_TEXT)
        return claims

    def _call_sleepers(self, tx: Connection, claims: Sequence[Claim]) -> None:
        """Have processes started for jobs that wait in lanes where everybody sleeps or works."""
        if self._stop_s is not None or "no_space" in self._troubles.causes:
            return
        taken = Counter(claim.seat.lane for claim in claims)
        for lane, seats in self._staff.sleepers().items():
            n_waiting = self._claimer.count_claimable(tx, lane, len(seats) + taken[lane])
            self._staff.call(lane, seats, n_waiting, taken[lane])

    def _absorb_parts(self) -> None:
        """Write what workers handed over, a transaction each, and answer."""
        while self._floor.parts:
            seat, slot, event = self._floor.parts[0]
            try:
                for piece in self._settler.cut(self._database, slot.job, event.body):
                    with self._journal.change() as change:
                        counts = self._settler.absorb(change, slot.job, piece)
            except Busy:
                raise
            except MediantError as error:
                counts = False
                self._floor.give_up(slot, error.code, str(error))
            self._floor.parts.pop(0)
            self._floor.answer(seat, counts)

    def _recover(self) -> None:
        with self._journal.change() as change:
            n = self._recovery.recover(change)
        self._queue.resume_cancelling()
        self._is_recovered = True
        if n:
            _log.info("%d lost jobs were put back into the queue.", n)

    def _come_back(self) -> bool:
        """Whether the database is to be had. After a trouble: see whose it is now, and what
        became of the last commit."""
        if not self._troubles.causes.keys() & {"database", "disk_full", "internal", "standby"}:
            return True
        if not self._own_again():
            return False
        if self._is_recovered:
            with self._journal.change() as change:
                self._recovery.reconcile(change, self._floor.list_held())
        self._troubles.end("database", "disk_full", "internal", "standby")
        return True

    def _own_again(self) -> bool:
        """Whether this dispatcher owns the database, if need be anew.

        Not while the database is away: the lock of an empty place would guard nothing.
        """
        self._database.check_place()
        if self._lock is None or self._lock.still_owned():
            return True
        try:
            self._lock = self._lock_anew = own(self._database)
        except AlreadyOwned:
            self._stand_by()
            return False
        return True

    def _stand_by(self) -> None:
        if "standby" not in self._troubles.causes:
            self._floor.abandon()
            self._is_recovered = False
        self._troubles.begin("standby")

    def _supervise(self) -> None:
        self._space.check(self._troubles)
        if self._is_refresh_due:
            self._is_refresh_due = False
            self._floor.refresh()
        while self._removals:
            name, drain_s = self._removals.popleft()
            for seat in self._crew:
                if seat.name == name:
                    self._floor.remove(seat, drain_s)
        if self._stop_s is None:
            for seat in self._staff.review():
                self._floor.remove(seat, self._settings.drain_s)
        if "standby" not in self._troubles.causes:
            self._floor.supervise()
        news = self._progress.list_news(monotonic_s())
        if news:
            self._bus.publish(news)
        self._guard(self._look_around)

    def _look_around(self) -> None:
        if self._is_due("lock", LOCK_CHECK_S) and not self._own_again():
            return
        if any(True for _ in self._crew.slots()) and self._is_due("cancel", CANCEL_CHECK_S):
            with self._database.read() as connection:
                ids = {row[0] for row in self._cancelled.run(connection)}
            if ids:
                self._floor.cancel(ids)
        self._housekeeping.tick()

    def _end(self, drain_s: float) -> None:
        """Drain, then hand back what still runs."""
        self._guard(self._note_leaving)
        for seat in self._crew:
            self._floor.remove(seat, drain_s)
        deadline = monotonic_s() + drain_s + STOP_SLACK_S
        while monotonic_s() < deadline and (self._floor.outcomes or any(True for _ in self._crew)):
            self._step()
        self._pool.close()
        self._housekeeping.join(STOP_SLACK_S)
        self._guard(self._say_goodbye)
        if self._lock_anew is not None:
            self._lock_anew.release()

    def _note_leaving(self) -> None:
        with self._journal.change() as change:
            self._recovery.leave(change)

    def _say_goodbye(self) -> None:
        with self._journal.change() as change:
            self._roster.clear(change.tx)
