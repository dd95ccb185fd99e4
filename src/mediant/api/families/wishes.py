"""What both Nomarr families are asked for in the same words."""

from typing import Any

from pydantic import BaseModel, field_validator, model_validator


class PathsIn(BaseModel):
    """Files and folders to tag. Read leniently: `paths` or `path`, one or a list."""

    paths: list[str]
    force: bool = False

    @model_validator(mode="before")
    @classmethod
    def _accept_path(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        paths = given.get("paths") or given.get("path") or []
        return {**given, "paths": [paths] if isinstance(paths, str) else paths}

    @field_validator("paths")
    @classmethod
    def _trim(cls, paths: list[str]) -> list[str]:
        trimmed = [text for path in paths if (text := path.strip())]
        if not trimmed:
            raise ValueError("Which file or folder? Give its `path`, or several `paths`.")
        return trimmed
