"""The system room's front door."""

from collections.abc import Sequence

from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.events.topics import Event
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import Enqueued
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.kernel.clock import monotonic_s
from mediant.system.doctor import Finding, Patient, examine
from mediant.system.health import Health, check_health
from mediant.system.info import Info, read_info
from mediant.system.pull import KIND, enqueue_pull

KINDS: Sequence[JobKind] = (KIND,)
NO_MODELS = "No network is installed: run `mediant models pull`."


class System:
    """Health, facts and findings of one running application."""

    def __init__(
        self,
        *,
        patient: Patient,
        queue: JobQueue,
        dispatcher: Dispatcher,
        history: EventHistory,
        bus: EventBus,
    ) -> None:
        self._queue = queue
        self._dispatcher = dispatcher
        self._history = history
        self._bus = bus
        self._patient = patient
        self._began = monotonic_s()

    def uptime_s(self) -> float:
        """Seconds since the application was opened."""
        return monotonic_s() - self._began

    def health(self) -> Health:
        """What works now. Never raises."""
        return check_health(self._queue, self._dispatcher, (self._miss_models,))

    def info(self) -> Info:
        """Versions, devices and settings without secrets."""
        return read_info(self._patient.settings, self._patient.database)

    def doctor(self) -> list[Finding]:
        """Everything that can be looked at, good or bad. Takes seconds: models are hashed."""
        return examine(self._patient)

    def pull_models(self, names: Sequence[str] | None = None) -> Enqueued:
        """Fetch models of the catalog or of a hub, or the default networks, as a job."""
        return enqueue_pull(self._queue, self._patient.models.folder, names)

    def remove_model(self, name: str) -> None:
        """Delete a model that was pulled or imported, and tell so; errors as `Models.remove`."""
        self._patient.models.remove(name)
        with self._patient.database.write() as tx:
            events = self._history.append(tx, [Event("models.changed", {"removed": [name]})])
        self._bus.publish(events)

    def _miss_models(self) -> str | None:
        suite = self._patient.models.suite()
        faults = [one for one in suite.refused if one.is_fault]
        if faults:
            first = faults[0]
            return f"A network is not used, {first.path.name}: {first.reason}"
        return None if suite.backbones else NO_MODELS
