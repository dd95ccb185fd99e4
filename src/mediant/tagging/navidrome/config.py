"""The text for navidrome.toml: under which names Navidrome finds our tags.

Properties of a `Tags` entry: navidrome/website, `docs/usage/configuration/custom-tags.md`. Aliases
are compared in lower case (`model/tag_mappings.go`), types are `int` and `float` (all else is
text), and only text may be split. Whether a scan is full decides if a change is noticed.
"""

import json
from collections.abc import Sequence

from mediant.tagging.moods import LISTS
from mediant.tagging.navidrome.fields import name_field
from mediant.tagging.navidrome.tags import NavidromeTag
from mediant.tagging.write.names import SEPARATOR, Names

_ATOM = "----:com.apple.iTunes:"
NOTHING = "# There are no tags yet: tag your music first, then make this text again.\n"
_HEADER = """\
# Tags of Mediant for Navidrome. Append this to navidrome.toml, start Navidrome anew and run a
# full scan: a quick one does not look at files that have not changed.
# {written} of {tracks} tagged files carry these tags; Navidrome sees only what is in the files.
"""


def write_config(tags: Sequence[NavidromeTag], namespace: str, counts: tuple[int, int]) -> str:
    """TOML with one entry a key, sorted by field, or one comment line if there is no tag at all.

    The mood lists are always among them, so that queries for moods work before a list has filled.
    `counts`: files with written tags, and files with tags.
    """
    if not tags:
        return NOTHING
    known = {tag.key for tag in tags}
    lists = [NavidromeTag(key, "text", True, "", 0) for key in LISTS if key not in known]
    entries = sorted((name_field(tag.key, namespace), tag) for tag in [*tags, *lists])
    header = _HEADER.format(written=counts[0], tracks=counts[1])
    return "\n".join([header, *(_entry(field, tag, Names(namespace)) for field, tag in entries)])


def _entry(field: str, tag: NavidromeTag, names: Names) -> str:
    colon = names.to_colon(tag.key)
    aliases = [colon, f"{_ATOM}{colon}", names.to_vorbis(tag.key)]
    lines = [f"Tags.{field}.Aliases = {_toml(aliases)}"]
    if tag.type != "text":
        lines.append(f"Tags.{field}.Type = {_toml(tag.type)}")
    elif tag.is_multivalue:
        lines.append(f"Tags.{field}.Split = {_toml([SEPARATOR])}")
    return "".join(f"{line}\n" for line in lines)


def _toml(value: str | list[str]) -> str:
    """Text and lists of text are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
