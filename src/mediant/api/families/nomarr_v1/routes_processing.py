"""Processing while somebody waits: a stream of events for one file, one answer for many."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse

from mediant.api.auth import JOBS, AppDep
from mediant.api.families.nomarr_v1 import processing, wire
from mediant.api.families.nomarr_v1.family import family_router

router = family_router()

Wish = Annotated[wire.TagIn, Depends(wire.read_tag)]


@router.post("/web/api/process", dependencies=JOBS, response_model=None)
@router.post("/internal/process_stream", dependencies=JOBS, response_model=None)
async def process(request: Request, app: AppDep, wish: Wish) -> StreamingResponse:
    """Process one file and tell how far it is: `progress`, `complete` or `error`, `done`."""
    return await processing.stream_one(request, app, wish)


@router.post("/internal/process_direct", dependencies=JOBS, response_model_exclude_unset=True)
async def process_direct(request: Request, app: AppDep, wish: Wish) -> wire.ProcessedOut:
    """Process one file and answer when it is done."""
    return await processing.process_one(request, app, wish)


@router.post("/web/api/batch-process", dependencies=JOBS, response_model_exclude_unset=True)
@router.post("/internal/batch_process", dependencies=JOBS, response_model_exclude_unset=True)
async def process_all(request: Request, app: AppDep, wish: Wish) -> wire.BatchOut:
    """Process files and folders and answer when all are done."""
    return await processing.process_all(request, app, wish)
