"""The routes of `nomarr-v1`, in the order of their nouns.

The documented `/admin` routes answer below `/api/v1` as well, and those that Lidarr scripts call
at the root.
"""

from mediant.api.families.nomarr_v1 import (
    routes_calibration,
    routes_jobs,
    routes_processing,
    routes_queue,
    routes_session,
    routes_worker,
)
from mediant.api.families.nomarr_v1.family import family_router

NOUNS = (
    routes_jobs,
    routes_queue,
    routes_worker,
    routes_calibration,
    routes_session,
    routes_processing,
)

router = family_router()
for noun in NOUNS:
    router.include_router(noun.router)
