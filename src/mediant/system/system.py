"""The system room's front door."""

from collections.abc import Sequence

from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import Enqueued
from mediant.jobs.kind import JobKind
from mediant.jobs.queue import JobQueue
from mediant.library.library import Library
from mediant.models.models import Models
from mediant.settings import Settings
from mediant.store import Database
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
        settings: Settings,
        database: Database,
        queue: JobQueue,
        dispatcher: Dispatcher,
        models: Models,
        library: Library,
    ) -> None:
        self._queue = queue
        self._dispatcher = dispatcher
        self._patient = Patient(settings, database, models, library)

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
        """Fetch networks of the catalog, or the default ones, as a job."""
        return enqueue_pull(self._queue, self._patient.models.folder, names)

    def _miss_models(self) -> str | None:
        return None if self._patient.models.suite().backbones else NO_MODELS
