"""What a request of a documented family asks for, read leniently.

The old clients send numbers as text, forget the content type, or put into the query what belongs
into the body.
"""

import json
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from mediant.errors import Invalid

T = TypeVar("T", bound=BaseModel)


async def read_given(request: Request) -> dict[str, Any]:
    """The body's object over the query, whatever the content type. Raises `Invalid`."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        given[name] = [*_listed(given[name]), value] if name in given else value
    return given | await read_body(request)


async def read_body(request: Request) -> dict[str, Any]:
    """The body's object, whatever the content type; empty without one. Raises `Invalid`."""
    if not (await request.body()).strip():
        return {}
    try:
        body = await request.json()
    except (ValueError, RecursionError) as bad:
        raise Invalid(f"The body is not valid JSON: {bad}.") from bad
    if body is not None and not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    _refuse_half_characters(body)
    return body or {}


def parse(model: type[T], given: dict[str, Any]) -> T:
    """What was given as a wire type. Raises `Invalid` with the first thing that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as bad:
        first = bad.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise Invalid(f"{text}.", asset=place or None) from bad


def as_list(value: Any) -> Any:
    """One text as a list of its parts between commas; a list, and nonsense, as they are."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _refuse_half_characters(body: Any) -> None:
    """JSON can name half of a character (`\\ud800`), which no file, database or answer can hold."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as bad:
        text = "There is half a character in the body; it is not valid Unicode."
        raise Invalid(text) from bad


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
