"""Lists as people write them into an environment or a form."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode


def _split_list(value: Any) -> Any:
    """A list from a text: JSON, or its items between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


TextList = Annotated[list[str], NoDecode, BeforeValidator(_split_list)]
