"""Settings that are secrets: what a key may look like, and how a section is shown or sent.

A secret is a `SecretStr`, so that no `repr`, log line, traceback or answer holds it. Two places
see it in clear: its row in the `setting` table, and the message to the worker that needs it.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, SecretStr

HIDDEN = "********"
"""Stands for a secret that is set. Writing it back changes nothing."""


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
    """A section, or all of them, as values for people: stars for every secret that is set."""
    shown = settings.model_dump(mode="json")
    for name, secret in _secrets_of(settings).items():
        shown[name] = HIDDEN if secret else secret
    for name, below in _values_of(settings).items():
        if isinstance(below, BaseModel):
            shown[name] = show(below)
    return shown


def list_secrets(section: type[BaseModel]) -> frozenset[str]:
    """The dotted names of the secrets in a section, or in all of them."""
    found: set[str] = set()
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= {f"{name}.{below}" for below in list_secrets(kind)}
        elif kind in (SecretStr, SecretStr | None):
            found.add(name)
    return frozenset(found)


def strike_out(text: str, *secrets: str) -> str:
    """A text of somebody else's, such as a server's answer, without our secrets in it."""
    for secret in filter(None, secrets):
        text = text.replace(secret, HIDDEN)
    return text


def _values_of(settings: BaseModel) -> Mapping[str, Any]:
    return {name: getattr(settings, name) for name in type(settings).model_fields}


def _secrets_of(settings: BaseModel) -> dict[str, str]:
    values = _values_of(settings)
    return {k: v.get_secret_value() for k, v in values.items() if isinstance(v, SecretStr)}
