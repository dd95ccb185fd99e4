"""What Navidrome would do with our files, our configuration and our smart playlists.

Written from the facts in navidrome/navidrome, not from our own exporter, so that tests can hold
one against the other: `model/tag_mappings.go` (aliases and separators of a `Tags` entry),
`model/metadata/metadata.go` (`clean`, `sanitize`: what becomes of a file's tags),
`model/criteria/json.go` (which rules are read), `persistence/criteria_sql.go` (what they mean).
Anything that Navidrome would refuse, or take for something of its own, is a `RefusedRule`.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mediant.tagging.navidrome.fields import OWN
from mediant.tagging.write.names import SEPARATOR, Names, normalise

Container = Literal["id3v2.3", "id3v2.4", "mp4", "vorbis"]
RawTags = Mapping[str, Sequence[str]]
ReadTags = Mapping[str, Sequence[str]]

LONGEST_VALUE = 1024
_READABLE = 100 * 1024
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


class RefusedRule(ValueError):
    """Navidrome would not take this playlist."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of `Tags`. `kind`: string, int or float."""

    aliases: tuple[str, ...]
    kind: str = "string"
    split: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether its values compare as numbers."""
        return self.kind in {"int", "float"}


def store(tags: Mapping[str, Sequence[str]], container: Container, namespace: str) -> RawTags:
    """Our tags under the names, and in the form, in which a file of that kind holds them."""
    names, stored = Names(namespace), {}
    for key, values in normalise(tags).items():
        if container == "vorbis":
            stored[names.to_vorbis(key)] = values
        elif container == "mp4":
            stored[f"----:com.apple.iTunes:{names.to_colon(key)}"] = values
        else:
            joined = [SEPARATOR.join(values)] if container == "id3v2.3" else values
            stored[names.to_colon(key).upper()] = joined
    return stored


class SimulatedNavidrome:
    """A Navidrome with this text in its configuration. It knows nothing but custom tags."""

    def __init__(self, config: str) -> None:
        """Read the `Tags` of TOML text. KeyError for properties that Navidrome does not have."""
        entries: Mapping[str, Mapping[str, Any]] = tomllib.loads(config).get("Tags", {})
        self.fields = {name.lower(): _read_field(entry) for name, entry in entries.items()}

    def read(self, stored: RawTags) -> ReadTags:
        """The values that a scan would keep of a file's tags, by field."""
        lowered = {name.lower(): values for name, values in stored.items()}
        found = {
            name: [value for value in _clean(field, lowered) if value]
            for name, field in self.fields.items()
        }
        return {name: values for name, values in found.items() if values}

    def holds(self, playlist: str, tags: ReadTags) -> bool:
        """Whether a track with these tags is in the playlist, whose limit does not count."""
        if len(playlist.encode()) > _READABLE:
            raise RefusedRule("Only 100 KB are read.")
        rules = json.loads(playlist)
        unknown = rules.keys() - {"name", "comment", "all", "any", "sort", "order", "limit"}
        if unknown or ("all" in rules) == ("any" in rules):
            raise RefusedRule(f"The document has {sorted(rules)}.")
        name = "any" if "any" in rules else "all"
        return self._joined(name, rules[name], tags)

    def _joined(self, name: str, rules: Sequence[Mapping[str, Any]], tags: ReadTags) -> bool:
        if not rules:
            raise RefusedRule("A group is empty.")
        results = [self._rule(rule, tags) for rule in rules]
        return all(results) if name == "all" else any(results)

    def _rule(self, rule: Mapping[str, Any], tags: ReadTags) -> bool:
        ((name, content),) = rule.items()
        if name in {"all", "any"}:
            return self._joined(name, content, tags)
        ((field, value),) = content.items()
        if field in OWN or field not in self.fields:
            raise RefusedRule(f"{field} is no custom tag.")
        return _judge(name, self.fields[field], tags.get(field, ()), value)


def _read_field(entry: Mapping[str, Any]) -> Field:
    known = {"Aliases", "Type", "Split"}
    if entry.keys() - known or not entry["Aliases"]:
        raise KeyError(f"This entry has {sorted(entry)}.")
    kind = entry.get("Type", "string")
    split = tuple(entry.get("Split", ())) if kind == "string" else ()
    return Field(tuple(alias.lower() for alias in entry["Aliases"]), kind, split)


def _clean(field: Field, lowered: RawTags) -> list[str]:
    values = [value for alias in field.aliases for value in lowered.get(alias, ())]
    if field.split:
        pattern = "|".join(map(re.escape, field.split))
        values = [part.strip() for value in values for part in re.split(pattern, value)]
    return [_sanitize(field, value) for value in dict.fromkeys(values)]


def _sanitize(field: Field, value: str) -> str:
    short = value.encode()[:LONGEST_VALUE].decode(errors="ignore")
    pattern = {"int": _INTEGER, "float": _DECIMAL}.get(field.kind)
    return short if pattern is None or pattern.fullmatch(short) else ""


def _judge(name: str, field: Field, values: Sequence[str], wanted: Any) -> bool:
    """One rule on the values of one tag. The denying rules are true where there is no value."""
    if name in {"isMissing", "isPresent"}:
        if not isinstance(wanted, bool):
            raise RefusedRule(f"{name} wants true or false.")
        return bool(values) == (wanted == (name == "isPresent"))
    denies = {"isNot": "is", "notContains": "contains"}
    found = any(_compare(denies.get(name, name), field, value, wanted) for value in values)
    return not found if name in denies else found


def _compare(name: str, field: Field, value: str, wanted: Any) -> bool:
    is_number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
    if is_number != field.is_numeric or isinstance(wanted, bool):
        raise RefusedRule(f"{wanted!r} does not compare with a tag of the kind {field.kind}.")
    if name in _NUMERIC and field.is_numeric:
        return _NUMERIC[name](float(value), float(wanted))
    if name in _TEXTUAL and not field.is_numeric:
        return _TEXTUAL[name](value, wanted)
    raise RefusedRule(f"{name} does not work on a tag of the kind {field.kind}.")


def like(text: str, pattern: str) -> bool:
    """SQLite's LIKE: `%` and `_` are wild, ASCII letters match in any case, all others exactly."""
    wild = {"%": ".*", "_": "."}
    parts = (wild.get(letter) or re.escape(_fold(letter)) for letter in pattern)
    return re.fullmatch("".join(parts), _fold(text), re.DOTALL) is not None


def _fold(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found.group().lower(), text)


_NUMERIC: Mapping[str, Callable[[float, float], bool]] = {
    "is": lambda value, wanted: value == wanted,
    "gt": lambda value, wanted: value > wanted,
    "lt": lambda value, wanted: value < wanted,
}
_TEXTUAL: Mapping[str, Callable[[str, str], bool]] = {
    "is": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: like(value, f"%{wanted}%"),
    "startsWith": lambda value, wanted: like(value, f"{wanted}%"),
    "endsWith": lambda value, wanted: like(value, f"%{wanted}"),
}
