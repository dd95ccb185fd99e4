"""What `transcriptorio` takes and gives for settings. A value is always a text."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from mediant.api.families.transcriptorio.wire import Text, storable


def _as_text(given: Any) -> Any:
    """A value that came as JSON's own type, as the text that means the same."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return json.dumps(given)
    is_list = isinstance(given, list) and all(isinstance(one, str) for one in given)
    return ",".join(given) if is_list else given


Value = Annotated[
    str, BeforeValidator(_as_text), Field(max_length=100_000), AfterValidator(storable)
]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
"""One that a path can name, so that it can be changed and forgotten."""


class SettingOut(BaseModel):
    """One setting."""

    id: int
    key: str
    value: str
    description: str | None
    category: str
    value_type: str
    created_at: str
    updated_at: str | None


class CategoryIn(BaseModel):
    """Which settings to list."""

    category: str | None = None


class ValueIn(BaseModel):
    """The new value of a setting."""

    value: Value


class BulkIn(BaseModel):
    """The new values of many settings."""

    settings: dict[str, Value]


class NewSettingIn(BaseModel):
    """A setting of the user's own."""

    key: Key
    value: Value = ""
    description: Annotated[str, AfterValidator(storable)] | None = None
    category: Text = "general"
    value_type: Text = "string"
