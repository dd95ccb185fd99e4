"""How things stand now, by topic, and what an event means: read from the core, for all clients."""

from collections.abc import Iterable, Mapping
from typing import Any

from mediant.api.families.nomarr_web import translate
from mediant.api.families.nomarr_web.live import JOBS, MANY, SHOWN_JOBS
from mediant.api.families.tag_jobs import KIND, STATUS, list_workers
from mediant.app import App
from mediant.errors import NotFound
from mediant.events import Event
from mediant.jobs.crew import WorkerState
from mediant.jobs.job import Job, JobState
from mediant.kernel.clock import monotonic_s

MEASURED = 50
"""The average begins with so many of the jobs that ended last."""
HEALTH_S = 5.0
AT_WORK = (WorkerState.IDLE, WorkerState.BUSY)

States = dict[str, Mapping[str, Any]]


class Board:
    """Reads the core; used by one thread at a time, never in the event loop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._averages: dict[str, float | None] = {}
        self._workers: States = {}
        self._health: Mapping[str, Any] = {}
        self._health_at = float("-inf")

    def begin(self) -> list[Mapping[str, Any]]:
        """Measure how long jobs took lately; the states of jobs as `read_jobs` gives them."""
        for queue, kinds in translate.QUEUES.items():
            self._averages[queue] = self._measure(kinds[0])
        return self.read_jobs()

    def read_jobs(self) -> list[Mapping[str, Any]]:
        """The states of the newest jobs and of those that run, as they are now."""
        running = self._app.queue.list_jobs(states=[JobState.RUNNING], kind=KIND, limit=1000)
        newest = self._app.queue.list_jobs(kind=KIND, limit=SHOWN_JOBS)
        found = {job.id: translate.job_state(job, job.state, job.error) for job in newest + running}
        return [found[job_id] for job_id in sorted(found)]

    def _measure(self, kind: str) -> float | None:
        ended = self._app.queue.list_jobs(states=[JobState.DONE], kind=kind, limit=MEASURED)
        average = None
        for job in reversed(ended):
            average = _with(average, job)
        return average

    def read(self, events: Iterable[Event]) -> list[tuple[str, Mapping[str, Any], int]]:
        """What events of the history mean here: (topic, data, the event's id)."""
        found = []
        for event in events:
            state = translate.TOPIC_STATES.get(event.topic)
            if state is not None and event.id is not None:
                told = self._read_move(event, state)
                if told is not None:
                    found.append((*told, event.id))
        return found

    def _read_move(self, event: Event, state: JobState) -> tuple[str, Mapping[str, Any]] | None:
        kind = str(event.payload.get("kind"))
        job = self._find(event.payload.get("job_id")) if kind == KIND else None
        if state is JobState.DONE:
            self._note_end(kind, job, event)
        if kind != KIND:
            return None
        if "job_id" not in event.payload:
            data = {"status": STATUS[state], "count": event.payload.get("count")}
            return MANY, data
        if job is None:  # removed meanwhile
            gone = {"id": event.payload["job_id"], "path": None}
            return JOBS, {**gone, "status": STATUS[state], "error": None}
        return JOBS, translate.job_state(job, state, event.payload.get("text"))

    def _note_end(self, kind: str, job: Job | None, event: Event) -> None:
        for queue, kinds in translate.QUEUES.items():
            if kind == kinds[0]:
                ended = job or self._find(event.payload.get("job_id"))
                self._averages[queue] = _with(self._averages.get(queue), ended)

    def _find(self, job_id: int | None) -> Job | None:
        if job_id is None:
            return None
        try:
            return self._app.queue.get_job(job_id)
        except NotFound:
            return None

    def states(self) -> States:
        """Every topic that tells how things stand, as it is now."""
        workers = self._read_workers()
        queues = {f"queue:{name}:status": self._read_queue(name) for name in translate.QUEUES}
        first = {"queue:status": queues["queue:tag:status"]}
        return {**first, **queues, **workers, "system:health": self._read_health()}

    def _read_queue(self, name: str) -> Mapping[str, Any]:
        counts = dict.fromkeys(JobState, 0)
        for kind in translate.QUEUES[name]:
            for state, n in self._app.queue.count_jobs(kind).items():
                counts[state] += n
        return translate.queue_status(name, counts, self._averages[name], self._count_active(name))

    def _count_active(self, name: str) -> int:
        """How many workers take jobs of this queue up; none while they are paused."""
        kind = translate.QUEUES[name][0]
        lane = self._app.queue.kinds[kind].lane
        if {"all", f"kind:{kind}", f"lane:{lane}"}.intersection(self._app.queue.list_pauses()):
            return 0
        every = self._app.dispatcher.list_workers()
        workers = list_workers(self._app) if name == "tag" else every
        return sum(one.lane == lane and one.state in AT_WORK for one in workers)

    def _read_workers(self) -> States:
        there = translate.worker_states(self._app.dispatcher.list_workers())
        gone = {
            topic: translate.buried(one)
            for topic, one in self._workers.items()
            if topic not in there
        }
        self._workers = {**there}
        return {**there, **gone}

    def _read_health(self) -> Mapping[str, Any]:
        if monotonic_s() - self._health_at >= HEALTH_S:
            self._health = translate.health_out(self._app.system.health())
            self._health_at = monotonic_s()
        return self._health


def _with(average: float | None, job: Job | None) -> float | None:
    """The average with one more job, if it is known how long that took."""
    if job is None or job.started_at is None or job.finished_at is None:
        return average
    return translate.average_s(average, max(0.0, job.finished_at - job.started_at))
