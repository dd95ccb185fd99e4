"""The whole at a glance."""

from mediant.api.auth import READ, AppDep
from mediant.api.families.transcriptorio import calls, wire
from mediant.api.families.transcriptorio.family import PREFIX, family_router

router = family_router()


@router.get(f"{PREFIX}/status", dependencies=READ)
def read_status(app: AppDep) -> wire.StatusOut:
    """The server, its speech workers, its jobs and its scanner."""
    return calls.show_status(app)
