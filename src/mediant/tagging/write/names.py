"""One table of names: the short key of a tag and its name in each family of containers.

| family                | `mood-strict`     | `mood_happy`     | `essentia:mood_sad` |
|-----------------------|-------------------|------------------|---------------------|
| colon: ID3, MP4       | `nom:mood-strict` | `nom:mood_happy` | `essentia:mood_sad` |
| Vorbis comments       | `NOM_MOOD_STRICT` | `NOM_MOOD_HAPPY` | `ESSENTIA_MOOD_SAD` |

A Vorbis name cannot tell `-` from `_`. So the few keys with a hyphen are listed here, and a key
that would not come back as itself is refused everywhere, so that all containers hold the same.
Tags of earlier tools stand under another known namespace; they are ours to clear, and read with
that namespace before the key (upstream's long versioned keys among them).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mediant.errors import Invalid

KNOWN_NAMESPACES = ("nom", "essentia")
HYPHENATED = ("mood-strict", "mood-regular", "mood-loose")
SEPARATOR = "; "

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HYPHENATED_BY_NAME = {key.replace("-", "_"): key for key in HYPHENATED}
_TO_VORBIS = str.maketrans(":-", "__")

Tags = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Names:
    """The names of our tags for one namespace."""

    namespace: str

    def to_colon(self, key: str) -> str:
        """`nom:key`, as ID3 and MP4 store it."""
        return key if ":" in key else f"{self.namespace}:{key}"

    def to_vorbis(self, key: str) -> str:
        """`NOM_KEY`."""
        return self.to_colon(key).upper().translate(_TO_VORBIS)

    def from_colon(self, name: str) -> str | None:
        """The short key behind an ID3 or MP4 name, or None for a foreign one."""
        space, colon, key = name.partition(":")
        return self._short(space, key) if colon and space in self._spaces else None

    def from_vorbis(self, name: str) -> str | None:
        """The short key behind a Vorbis name, or None. `NOM:KEY`, which some converters make
        of the colon form, is accepted too."""
        lowered = name.lower()
        for space in self._spaces:
            if lowered.startswith((f"{space}_", f"{space}:")):
                key = lowered[len(space) + 1 :]
                return self._short(space, _HYPHENATED_BY_NAME.get(key, key))
        return None

    @property
    def _spaces(self) -> tuple[str, ...]:
        return (self.namespace, *(n for n in KNOWN_NAMESPACES if n != self.namespace))

    def _short(self, space: str, key: str) -> str | None:
        if not key:
            return None
        return key if space == self.namespace else f"{space}:{key}"


def check_keys(tags: Tags, names: Names) -> None:
    """Refuse (`Invalid`) a key that would not come back as itself from every container."""
    for key in tags:
        if not _KEY.fullmatch(key) or names.from_vorbis(names.to_vorbis(key)) != key:
            raise Invalid(
                f"The tag key {key!r} cannot be stored in every container.",
                remedy="Keys are lower-case letters, digits and `_`; the keys with a hyphen are "
                f"{', '.join(HYPHENATED)}.",
            )


def normalise(tags: Tags) -> dict[str, list[str]]:
    """What every container gives back: values stripped, `; ` always a separator, nothing empty.

    ID3v2.3 has no multiple values, so they are joined there; a value that contains the separator
    is two values everywhere, so that all containers agree.
    """
    split = {key: split_values(values) for key, values in tags.items()}
    return {key: values for key, values in split.items() if values}


def split_values(values: Iterable[str]) -> list[str]:
    """The single values of a list in which some may be joined."""
    parts = [part.strip() for value in values for part in value.split(SEPARATOR)]
    return [part for part in parts if part]


def check_values(tags: Tags) -> None:
    """Refuse (`Invalid`) text that no container can hold: NUL and half characters."""
    for key, values in tags.items():
        for value in values:
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Invalid(f"A value of the tag {key!r} is not valid Unicode.") from None
            if "\0" in value:
                raise Invalid(f"A value of the tag {key!r} contains a NUL character.")
