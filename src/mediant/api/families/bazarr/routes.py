"""The provider's routes, at the root and below the key of a client that can send no headers."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from mediant.api.families.bazarr import calls
from mediant.api.families.bazarr.family import PREFIX, TextRoute

router = APIRouter(tags=["bazarr"], route_class=TextRoute)


@router.get("/status")
@router.get(f"{PREFIX}/{{key}}/status")
async def read_status(request: Request) -> JSONResponse:
    """Who answers here. Open to everybody, and always at once."""
    return JSONResponse({"version": request.app.state.speech_version})


@router.post("/asr", response_class=Response)
async def hear(request: Request) -> Response:
    """What is said in the sound `audio_file`, as `output` says."""
    return await calls.hear(request, None)


@router.post(f"{PREFIX}/{{key}}/asr", response_class=Response)
async def hear_with_key(key: str, request: Request) -> Response:
    """The same for the holder of the key."""
    return await calls.hear(request, key)


@router.post("/detect-language", response_class=Response)
async def hear_language(request: Request) -> Response:
    """Which language is spoken in the sound `audio_file`."""
    return await calls.hear_language(request, None)


@router.post(f"{PREFIX}/{{key}}/detect-language", response_class=Response)
async def hear_language_with_key(key: str, request: Request) -> Response:
    """The same for the holder of the key."""
    return await calls.hear_language(request, key)
