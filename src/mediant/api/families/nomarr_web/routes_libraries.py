"""Libraries and their scans."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import JOBS, READ, WRITE, AppDep
from mediant.api.families.nomarr_web import calls, translate, wire
from mediant.api.families.nomarr_web.family import PREFIX, family_router, given
from mediant.api.gates import COUNTING, gates_of
from mediant.api.stream import wait_for_wish

router = family_router()

SCAN_WAIT_S = 10.0
"""The answer to a scan waits so long for its end."""

NewLibraryDep = Annotated[wire.NewLibraryIn, Depends(given(wire.NewLibraryIn))]
LibraryDep = Annotated[wire.LibraryIn, Depends(given(wire.LibraryIn))]
ScanDep = Annotated[wire.ScanIn, Depends(given(wire.ScanIn))]


@router.get(f"{PREFIX}/libraries/stats", dependencies=[*READ, COUNTING])
def statistics(app: AppDep) -> wire.StatisticsOut:
    """Files, artists, albums and hours of all libraries."""
    return translate.statistics_out(app.library.statistics())


@router.get(f"{PREFIX}/libraries", dependencies=READ)
def list_libraries(
    app: AppDep, enabled_only: Annotated[bool, Query()] = False
) -> list[wire.LibraryOut]:
    """All libraries."""
    found = app.library.list_libraries(enabled_only=enabled_only)
    return [translate.library_out(entry) for entry in found]


@router.post(f"{PREFIX}/libraries", dependencies=WRITE)
def add_library(app: AppDep, wish: NewLibraryDep) -> wire.LibraryOut:
    """Add a folder. It is not scanned until you ask."""
    return calls.add_library(app, wish)


@router.get(f"{PREFIX}/libraries/{{library_id}}", dependencies=READ)
def get_library(library_id: wire.LibraryId, app: AppDep) -> wire.LibraryOut:
    """One library."""
    return translate.library_out(app.library.get_library(library_id))


@router.patch(f"{PREFIX}/libraries/{{library_id}}", dependencies=WRITE)
def change_library(library_id: wire.LibraryId, app: AppDep, wish: LibraryDep) -> wire.LibraryOut:
    """Change some of a library's fields."""
    return calls.change_library(app, library_id, wish)


@router.delete(f"{PREFIX}/libraries/{{library_id}}", dependencies=WRITE)
def remove_library(library_id: wire.LibraryId, app: AppDep) -> wire.SaidOut:
    """Forget a library."""
    return calls.remove_library(app, library_id)


@router.post(f"{PREFIX}/libraries/{{library_id}}/scan", dependencies=JOBS)
async def scan(
    library_id: wire.LibraryId, request: Request, app: AppDep, wish: ScanDep
) -> wire.ScannedOut:
    """Look for new, changed and vanished files; answers at its end, or after ten seconds."""
    begun = await gates_of(request).changes.run(partial(calls.begin_scan, app, library_id, wish))
    job = await wait_for_wish(request, app, begun, SCAN_WAIT_S) if begun else None
    return await run_in_threadpool(calls.read_scan, app, job)
