"""Stored settings that this version cannot use: another version wrote them, or somebody by hand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mediant.errors import Invalid
from mediant.settings.faults import explain_fault, name_of
from mediant.settings.model import Settings
from mediant.settings.names import env_name, list_names
from mediant.settings.secret import HIDDEN, list_addresses, list_secrets, mask_address
from mediant.settings.sources import flatten, merge

_LONGEST = 100
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """One of them. `text` holds no secret."""

    name: str
    text: str
    remedy: str
    is_known: bool
    """Whether there is such a setting. What has none does nothing and hinders nothing; the server
    does not start with the others."""


def sort_stored(
    rows: Mapping[str, str], fixed: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Unfit]]:
    """The values by dotted names that can be used, and the others.

    `rows`: JSON by dotted name. `fixed`: what beats them, nested; what stands below it hinders
    nobody, whatever it is.
    """
    values, unfit = {}, []
    known, beaten = set(list_names()), flatten(fixed)
    for name, text in rows.items():
        if name not in known:
            unfit.append(_unknown(name))
            continue
        try:
            values[name] = json.loads(text)
        except ValueError:
            if name not in beaten:
                unfit.append(_unusable(name, text, "it is not valid JSON."))
    for name, why in _find_faults(values, fixed).items():
        unfit.append(_unusable(name, values.pop(name), why))
    return values, unfit


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted names as `load_settings(stored=...)` takes them."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        section, _, key = name.partition(".")
        nested.setdefault(section, {})[key] = value
    return nested


def refuse(unfit: Iterable[Unfit]) -> None:
    """`Invalid` for the first with which no server can start, and how many more there are."""
    hindering = [one for one in unfit if one.is_known]
    if hindering:
        first, others = hindering[0], len(hindering) - 1
        more = f" {others} more: see mediant settings list." if others else ""
        raise Invalid(first.text + more, asset=f"setting {first.name}", remedy=first.remedy)


def _find_faults(values: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, str]:
    """Of the stored values those that are wrong, and why."""
    try:
        Settings(**merge(nest(values), fixed))
    except ValidationError as bad:
        faults = [(".".join(name_of(one).split(".")[:2]), one) for one in bad.errors()]
        found: dict[str, str] = {}
        for name, fault in faults:
            if name in values:
                found.setdefault(name, explain_fault(fault))
        return found
    return {}


def _unusable(name: str, value: Any, why: str) -> Unfit:
    text = f"The stored value {_show(name, value)} cannot be used: {why[0].lower()}{why[1:]}"
    variable = env_name(name)
    remedy = f"Set {variable}, which beats it, or run: mediant settings reset {name}"
    return Unfit(name, text, remedy, is_known=True)


def _unknown(name: str) -> Unfit:
    text = "It is stored, but this version has no such setting: it does nothing."
    remedy = f"Unless another version needs it, run: mediant settings reset {name}"
    return Unfit(name, text, remedy, is_known=False)


def _show(name: str, value: Any) -> str:
    if name in list_secrets(Settings):
        return HIDDEN
    if name in list_addresses(Settings):
        value = mask_address(str(value))
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
