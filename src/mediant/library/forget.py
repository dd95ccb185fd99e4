"""The work of a job that forgets missing files: none outside of the database."""

from typing import Any

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch


def run(_payload: Payload, _watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """Nothing: the rows go when the job is committed."""
    return {}
