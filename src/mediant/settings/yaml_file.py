"""mediant.yaml: read strictly, because a line that sets nothing is a line that deceives."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from mediant.errors import Invalid
from mediant.settings.model import Settings
from mediant.settings.names import OLD_NAMES, list_boot_names, list_names, sections, suggest


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a settings file, with today's names; empty when there is none.

    Raises `Invalid` for what is no mapping, an unknown name, and a name that is there twice.
    """
    if not path.is_file():
        return {}
    try:
        found = _load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as bad:
        raise Invalid("The file is not valid UTF-8.", asset=str(path)) from bad
    except OSError as lost:
        raise Invalid(f"The file cannot be read: {lost.strerror}.", asset=str(path)) from lost
    except yaml.YAMLError as bad:
        reason = " ".join(str(bad).split())
        remedy = "Correct the file."
        raise Invalid(f"This is not valid YAML: {reason}.", asset=str(path), remedy=remedy) from bad
    if not isinstance(found, dict):
        raise Invalid("The file must hold `name: value` lines.", asset=str(path))
    found = _rename(found, path)
    _refuse_unknown(found, Settings, path)
    # A section of which every line is commented out.
    return {name: value for name, value in found.items() if not (name in sections() and not value)}


class _StrictLoader(yaml.SafeLoader):
    """YAML without two values for one name, of which only the second would count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node. Raises `MarkedYAMLError` for a name that comes again."""
        seen: dict[str, int] = {}
        for key, _value in node.value:
            first = seen.setdefault(key.value, key.start_mark.line + 1)
            if first != key.start_mark.line + 1:
                text = f"`{key.value}` is there twice, in line {first} and again"
                raise yaml.MarkedYAMLError(problem=text, problem_mark=key.start_mark)
        return super().construct_mapping(node, deep)


def _load(text: str) -> Any:
    loader = _StrictLoader(text)
    try:
        return loader.get_single_data() or {}
    finally:
        loader.dispose()


def _rename(found: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Old names become ours."""
    renamed = {
        key: dict(value) if isinstance(value, dict) else value for key, value in found.items()
    }
    for old, new in OLD_NAMES.items():
        place, name = _find_place(renamed, old)
        if place is None or name not in place:
            continue
        value = place.pop(name)
        section, _, ours = new.partition(".")
        below = renamed.setdefault(section, {})
        if below is None:
            below = renamed[section] = {}
        if not isinstance(below, dict):
            continue
        if ours in below:
            text = f"It is there twice: as `{old}`, too."
            remedy = f"Remove one of the two lines from {path}."
            raise Invalid(text, asset=f"setting {new}", remedy=remedy)
        below[ours] = value
    return renamed


def _find_place(found: dict[str, Any], dotted: str) -> tuple[dict[str, Any] | None, str]:
    """The mapping in which a dotted name would stand, and its last part."""
    section, dot, name = dotted.rpartition(".")
    place = found.get(section) if dot else found
    return (place if isinstance(place, dict) else None), name


def _refuse_unknown(
    found: Mapping[str, Any], section: type[BaseModel], path: Path, prefix: str = ""
) -> None:
    for key, value in found.items():
        name, field = f"{prefix}{key}", section.model_fields.get(str(key))
        if field is None:
            near = suggest(name, [*list_boot_names(), *list_names(), *sections()])
            remedy = f"Did you mean {near}? " if near else ""
            remedy += f"Remove or correct its line in {path}."
            raise Invalid("There is no such setting.", asset=f"setting {name}", remedy=remedy)
        below = field.annotation
        if isinstance(value, dict) and isinstance(below, type) and issubclass(below, BaseModel):
            _refuse_unknown(value, below, path, f"{name}.")
