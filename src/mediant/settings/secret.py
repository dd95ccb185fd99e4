"""Settings that are secrets: what a key may look like, and how a section is shown or sent.

A secret is a `SecretStr`, so that no `repr`, log line, traceback or answer holds it. Two places
see it in clear: its row in the `setting` table, and the message to the worker that needs it. An
address is no secret, but may carry one: it is shown by `mask_address`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, SecretStr
from pydantic.fields import FieldInfo

HIDDEN = "********"
"""Stands for a secret that is set. Writing it back changes nothing."""

MAY_HOLD_SECRET = "may hold a secret"  # noqa: S105 (a mark, no secret)
"""Marks an address, among what `Annotated` says of a setting: see `mask_address`."""

_LOGIN = re.compile(r"(?<=//)(?:[^/?#]*@|[^/?#@:\[]*:(?!\d*(?:[/?#]|$)).*@)")
"""Before an at sign. What follows a colon and is no port is a password, in which `/?#` may stand
by mistake."""


def _check_key(given: SecretStr) -> SecretStr:
    """Without the spaces that were copied along; it has to fit into a header."""
    key = given.get_secret_value().strip()
    if not (key.isascii() and key.isprintable()):
        raise ValueError("a key is made of printable ASCII characters")
    return SecretStr(key)


Key = Annotated[SecretStr, Field(max_length=4096), AfterValidator(_check_key)]
NO_KEY = SecretStr("")


def reveal(settings: BaseModel) -> dict[str, Any]:
    """A section as values for a worker's message, its secrets in clear. For no row and no log."""
    return {**settings.model_dump(mode="json"), **_secrets_of(settings)}


def show(settings: BaseModel) -> dict[str, Any]:
    """A section, or all of them, as values for people: stars for every secret that is set, and for
    what may be one in an address."""
    shown = settings.model_dump(mode="json")
    for name in list_addresses(type(settings)) & shown.keys():
        shown[name] = mask_address(shown[name])
    for name, secret in _secrets_of(settings).items():
        shown[name] = HIDDEN if secret else secret
    for name, below in _values_of(settings).items():
        if isinstance(below, BaseModel):
            shown[name] = show(below)
    return shown


def list_secrets(section: type[BaseModel]) -> frozenset[str]:
    """The dotted names of the secrets in a section, or in all of them."""
    return _names_of(section, lambda field: field.annotation in (SecretStr, SecretStr | None))


def mask_address(address: str) -> str:
    """An address as people may see it: stars for name and password, for the value of each part of
    the query, and for a fragment. Names in the query, host and path stay."""
    masked = _LOGIN.sub(f"{HIDDEN}@", address, count=1)
    rest, hash_mark, fragment = masked.partition("#")
    place, question_mark, query = rest.partition("?")
    parts = "&".join(map(_mask_part, query.split("&")))
    return place + question_mark + parts + hash_mark + (HIDDEN if fragment else "")


def list_addresses(section: type[BaseModel]) -> frozenset[str]:
    """The dotted names of the addresses in a section, or in all of them."""
    return _names_of(section, lambda field: MAY_HOLD_SECRET in field.metadata)


def strike_out(text: str, *secrets: str) -> str:
    """A text of somebody else's, such as a server's answer, without our secrets in it."""
    # The longest first: one may begin like another, and nothing of it shall stay.
    known = sorted(filter(None, secrets), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, known)), HIDDEN, text) if known else text


def _names_of(section: type[BaseModel], is_wanted: Callable[[FieldInfo], bool]) -> frozenset[str]:
    found: set[str] = set()
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= {f"{name}.{below}" for below in _names_of(kind, is_wanted)}
        elif is_wanted(field):
            found.add(name)
    return frozenset(found)


def _values_of(settings: BaseModel) -> Mapping[str, Any]:
    return {name: getattr(settings, name) for name in type(settings).model_fields}


def _secrets_of(settings: BaseModel) -> dict[str, str]:
    values = _values_of(settings)
    return {k: v.get_secret_value() for k, v in values.items() if isinstance(v, SecretStr)}


def _mask_part(part: str) -> str:
    """`name=value` without its value; what has no name is hidden whole."""
    name, mark, value = part.partition("=")
    if not mark:
        return HIDDEN if part else ""
    return f"{name}={HIDDEN if value else ''}"
