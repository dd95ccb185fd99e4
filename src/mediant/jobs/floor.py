"""The shop floor: worker processes seen by the dispatcher. Memory only, no database."""

from collections.abc import Callable, Collection, Sequence

from mediant.events.topics import Event
from mediant.jobs.claim import Claim
from mediant.jobs.crew import Crew, Seat, Slot
from mediant.jobs.lane import NO_WISH, LaneWish
from mediant.jobs.log import JobLog
from mediant.jobs.outcome import Outcome, OutcomeType
from mediant.jobs.pool.port import JobMessage, PoolEvent, WorkerGone, WorkerPool
from mediant.jobs.progress import Progress
from mediant.kernel.clock import monotonic_s, now_s

START_S = 120.0
"""A process that is not ready after so long is killed."""
STOP_S = 5.0
"""An idle process is given so long to end by itself."""

WishOf = Callable[[str], LaneWish]


def _no_wish(_lane: str) -> LaneWish:
    return NO_WISH


Part = tuple[Seat, Slot, PoolEvent]


class Floor:
    """Hears what workers say, hands them jobs, starts, stops and kills them."""

    def __init__(
        self,
        pool: WorkerPool,
        crew: Crew,
        progress: Progress,
        log: JobLog,
        wish_of: WishOf = _no_wish,
    ) -> None:
        """`wish_of`: how a lane shall be staffed now."""
        self.crew = crew
        self._wish_of = wish_of
        self.outcomes: list[Outcome] = []
        """Ends of attempts that are not committed yet."""
        self.parts: list[Part] = []
        self.news: list[Event] = []
        self._pool = pool
        self._progress = progress
        self._log = log
        self._hears: dict[str, Callable[[Seat, Slot, PoolEvent], None]] = {
            "started": self._hear_started,
            "progress": self._hear_progress,
            "log": self._hear_log,
            "part": self._hear_part,
            "done": self._hear_end,
            "error": self._hear_end,
        }

    def hear(self, events: Sequence[PoolEvent]) -> None:
        """Take in what happened."""
        for event in events:
            seat = self.crew.find(event.worker)
            if seat is None:
                continue
            if event.type == "died":
                self._bury(seat, event)
                continue
            seat.asked_at = None
            if event.type == "ready":
                seat.note_ready(event.body["pid"])
                self.news.append(Event("worker.ready", {"worker": seat.name, "lane": seat.lane}))
            elif event.type == "alive":
                seat.checked_at, seat.seen_at = monotonic_s(), now_s()
            else:
                slot = seat.slots.get(event.job_id or 0)
                if slot is not None and slot.job.attempt == event.attempt:
                    slot.heard_at, seat.seen_at = monotonic_s(), now_s()
                    self._hears[event.type](seat, slot, event)

    def deliver(self, claims: Sequence[Claim]) -> None:
        """Send claimed jobs; what cannot be sent goes back without counting as a try."""
        for claim in claims:
            job = claim.job
            message = JobMessage(job.id, job.attempt, job.kind, claim.kind.run, claim.payload)
            try:
                self._pool.send(claim.seat.process or "", message)
            except WorkerGone:
                self.outcomes.append(Outcome(job, "handed_back", {}))
            else:
                claim.seat.slots[job.id] = Slot(job, claim.kind)

    def answer(self, seat: Seat, counts: bool) -> None:
        """Tell a worker what became of the part that it handed over."""
        if seat.process is not None:
            self._pool.accept(seat.process, counts)

    def give_up(self, slot: Slot, code: str, text: str) -> None:
        """An attempt failed on the server's side while its worker still runs it."""
        slot.is_void = True
        body = {"code": code, "text": text, "transient": False}
        self.outcomes.append(Outcome(slot.job, "error", body))

    def cancel(self, ids: Collection[int]) -> None:
        """Ask these jobs to stop; those that were asked already are left alone."""
        for seat, slot in self.crew.slots():
            if slot.job.id in ids and slot.kill_at is None and seat.process is not None:
                slot.kill_at = monotonic_s() + slot.kind.cancel_s
                self._pool.cancel(seat.process, slot.job.id)

    def supervise(self) -> None:
        """Start who is due, kill who does not stop or does not move."""
        now = monotonic_s()
        for seat in self.crew:
            if seat.process is None:
                if seat.is_startable and now >= seat.start_at:
                    self._start(seat)
            elif not seat.is_ready:
                if now_s() - seat.started_at > START_S:
                    self._pool.kill(seat.process)
            else:
                self._check(seat, now)

    def remove(self, seat: Seat, drain_s: float) -> None:
        """Let a worker finish its job within `drain_s`, then go."""
        seat.is_leaving = True
        if seat.process is None:
            self.crew.remove(seat)
        else:
            self._pool.stop(seat.process, drain_s)

    def refresh(self) -> None:
        """Let every worker close what it keeps between jobs."""
        for seat in self.crew:
            if seat.process is not None:
                self._pool.refresh(seat.process)

    def abandon(self) -> None:
        """Kill everyone at once; their work is somebody else's now."""
        for seat in self.crew:
            for slot in seat.slots.values():
                slot.is_void = True
            if seat.process is not None:
                self._pool.kill(seat.process)
        self.outcomes.clear()
        self.parts.clear()

    def list_held(self) -> set[int]:
        """Jobs in a worker's hands, or ended but not committed."""
        held = {slot.job.id for _, slot in self.crew.slots()}
        return held | {outcome.job.id for outcome in self.outcomes}

    def _start(self, seat: Seat) -> None:
        try:
            self.crew.occupy(seat, self._pool.add(seat.lane, seat.device))
        except OSError as error:
            seat.note_death()
            self.news.append(
                Event("worker.died", {"worker": seat.name, "cause": f"not started: {error}"})
            )

    def _check(self, seat: Seat, now: float) -> None:
        slot = seat.current
        if seat.process is None:
            return
        if slot is None:
            self._check_idle(seat, seat.process, now)
        elif slot.kill_at is not None and now >= slot.kill_at:
            self._pool.kill(seat.process)
        elif slot.is_started and now - slot.heard_at > slot.kind.hang_s:
            seat.kill_cause = f"no sign of life for {slot.kind.hang_s:g} s"
            self._pool.kill(seat.process)

    def _check_idle(self, seat: Seat, process: str, now: float) -> None:
        """Let it rest when it had nothing to do for long, else see whether it lives."""
        wish = self._wish_of(seat.lane)
        if seat.is_leaving or seat.is_resting:
            return
        if seat.is_lazy and wish.rest_s is not None and now - seat.idle_at >= wish.rest_s:
            seat.is_resting = True
            self._pool.stop(process, STOP_S)
        elif wish.check_s is None:
            return
        elif seat.asked_at is not None:
            if now - seat.asked_at > wish.answer_s:
                seat.kill_cause = "it did not answer when it was asked whether it lives"
                self._pool.kill(process)
        elif now - max(seat.idle_at, seat.checked_at) >= wish.check_s:
            seat.asked_at = now
            self._pool.ping(process)

    def _bury(self, seat: Seat, event: PoolEvent) -> None:
        if seat.is_resting and not seat.slots and not seat.is_leaving:
            self.crew.vacate(event.worker)
            seat.note_rest()
            return
        cause = seat.kill_cause or event.body["cause"]
        for slot in seat.slots.values():
            self._progress.forget(slot.job.id)
            if slot.is_void:
                continue
            # A leaving worker was killed by us, after its time was up: the job is not to blame.
            is_to_blame = slot.is_started and not seat.is_leaving
            kind: OutcomeType = "died" if is_to_blame else "handed_back"
            self.outcomes.append(Outcome(slot.job, kind, {"cause": cause}))
            if is_to_blame:
                self._log.add(slot.job.id, "error", f"The worker {seat.name} died: {cause}.")
        self.parts = [part for part in self.parts if part[0] is not seat]
        self.crew.vacate(event.worker)
        seat.note_death()
        self.news.append(Event("worker.died", {"worker": seat.name, "cause": cause}))
        if not self._wish_of(seat.lane).restarts:
            seat.is_down, seat.fault = True, f"Its process died ({cause}) and is not replaced."
        if seat.is_leaving:
            self.crew.remove(seat)

    def _hear_started(self, _seat: Seat, slot: Slot, _event: PoolEvent) -> None:
        slot.is_started = True

    def _hear_progress(self, _seat: Seat, slot: Slot, event: PoolEvent) -> None:
        self._progress.hear(slot.job, event.body)

    def _hear_log(self, _seat: Seat, slot: Slot, event: PoolEvent) -> None:
        self._log.add(slot.job.id, event.body["level"], event.body["text"])

    def _hear_part(self, seat: Seat, slot: Slot, event: PoolEvent) -> None:
        self.parts.append((seat, slot, event))

    def _hear_end(self, seat: Seat, slot: Slot, event: PoolEvent) -> None:
        del seat.slots[slot.job.id]
        seat.failures, seat.idle_at = 0, monotonic_s()
        self._progress.forget(slot.job.id)
        if seat.slots:
            next(iter(seat.slots.values())).heard_at = monotonic_s()
        if event.type == "done":
            seat.done += 1
        else:
            seat.failed += 1
            if event.body.get("trace"):
                self._log.add(slot.job.id, "error", event.body["trace"])
        if not slot.is_void:
            kind: OutcomeType = "done" if event.type == "done" else "error"
            self.outcomes.append(Outcome(slot.job, kind, event.body))
