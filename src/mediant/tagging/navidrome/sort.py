"""What a playlist is sorted by, as Navidrome says it (`model/criteria/sort.go`)."""

from collections.abc import Collection

from mediant.errors import Invalid
from mediant.tagging.navidrome.fields import SORTABLE, name_field
from mediant.tagging.write.names import HYPHENATED

_SPELLINGS = {key.replace("-", "_"): key for key in HYPHENATED}


def list_sort_keys(sort: str) -> list[str]:
    """The names in a sort, without signs and namespaces: those of our tags, perhaps."""
    return [_spell(name.rpartition(":")[2]) for _sign, name in _split(sort)]


def read_sort(sort: str | None, namespace: str, keys: Collection[str]) -> dict[str, str]:
    """The `sort` and `order` entries for text like `random`, `-year` or `-mood_happy,title`.

    `keys`: those of our keys that files carry. A name that Navidrome has, too, is Navidrome's,
    unless the namespace stands before it. One field that descends is said with `order`, which
    every Navidrome understands; only newer ones know several. Raises `Invalid`.
    """
    if sort is None or not sort.strip():
        return {}
    parts = [(sign, _name(name, namespace, keys)) for sign, name in _split(sort)]
    names = [name for _sign, name in parts]
    if "random" in names:
        if len(names) > 1:
            raise Invalid("Sorting by `random` leaves nothing for another field.", asset="sort")
        return {"sort": "random"}
    if len(parts) == 1:
        return {"sort": names[0], **({"order": "desc"} if parts[0][0] == "-" else {})}
    return {"sort": ",".join(("-" if sign == "-" else "") + name for sign, name in parts)}


def _split(sort: str) -> list[tuple[str, str]]:
    parts = [part.strip().lower() for part in sort.split(",") if part.strip()]
    return [(part[0] if part[0] in "+-" else "", part.lstrip("+- ")) for part in parts]


def _spell(name: str) -> str:
    return _SPELLINGS.get(name, name)


def _name(name: str, namespace: str, keys: Collection[str]) -> str:
    space, colon, key = name.rpartition(":")
    if not colon and name in SORTABLE:
        return name
    if (not colon or space == namespace) and _spell(key) in keys:
        return name_field(_spell(key), namespace)
    raise Invalid(
        f"A playlist cannot be sorted by {name!r}.",
        asset="sort",
        remedy="By `random`, a field of Navidrome such as title, artist, album, year or rating, or "
        "one of our tags; `-` in front for descending.",
    )
