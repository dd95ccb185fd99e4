"""OpenAI's two calls for speech in files."""

from fastapi import APIRouter, Request, Response

from mediant.api.families.openai import calls
from mediant.api.families.openai.family import PREFIX, OpenAiRoute

router = APIRouter(tags=["openai"], route_class=OpenAiRoute)


@router.post(f"{PREFIX}/transcriptions", response_class=Response)
async def transcribe(request: Request) -> Response:
    """What is said, in the language that is spoken."""
    return await calls.hear(request, "transcribe")


@router.post(f"{PREFIX}/translations", response_class=Response)
async def translate(request: Request) -> Response:
    """What is said, in English."""
    return await calls.hear(request, "translate")
