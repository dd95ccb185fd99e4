"""A stand-in for Plex Media Server: libraries, items with files, and what was refreshed.

It answers XML, or JSON when that is asked for, like the real one. The public client library
`plexapi` takes it for a Plex.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

from mediant.testing.answering import Answer, Asked, answering

TOKEN = "plex-token-for-tests"  # noqa: S105


@dataclass(slots=True)
class PlexItem:
    """A movie, an episode, or a show with its episodes below it."""

    key: str
    title: str
    type: str
    file: str | None = None
    leaves: tuple[str, ...] = ()


@dataclass(slots=True)
class FakePlex:
    """A Plex with one library of movies at `root`."""

    root: str
    token: str = TOKEN
    items: dict[str, PlexItem] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    """Keys of items that were asked to be read anew, in order."""
    scanned: list[str] = field(default_factory=list)
    """Folders that were asked to be scanned, in order."""
    is_down: bool = False
    url: str = ""

    def add(self, item: PlexItem) -> None:
        """One more item."""
        self.items[item.key] = item

    def answer(self, asked: Asked) -> Answer:
        """What the real one would say."""
        if self.is_down:
            return Answer(503)
        if self.token not in (asked.headers.get("x-plex-token"), asked.query.get("X-Plex-Token")):
            return Answer(401)
        parts = asked.path.strip("/").split("/")
        is_json = "json" in asked.headers.get("accept", "")
        match asked.method, parts:
            case "GET", [""]:
                return _write(_container(friendlyName="Fake", version="1.41.0"), is_json=is_json)
            case "GET", ["library"]:
                return _write(_container(identifier="library"), is_json=is_json)
            case "GET", ["library", "sections"]:
                return _write(self._sections(), is_json=is_json)
            case "GET", ["library", "sections", "1", "refresh"]:
                self.scanned.append(asked.query.get("path", self.root))
                return Answer()
            case "GET", ["library", "metadata", key] if key in self.items:
                return _write(self._metadata([key]), is_json=is_json)
            case "GET", ["library", "metadata", key, "allLeaves"] if key in self.items:
                return _write(self._metadata(self.items[key].leaves), is_json=is_json)
            case "PUT", ["library", "metadata", key, "refresh"] if key in self.items:
                self.refreshed.append(key)
                return Answer()
        return Answer(404)

    def _sections(self) -> Element:
        found = _container()
        section = SubElement(found, "Directory", key="1", type="movie", title="Movies")
        section.attrib |= {"agent": "a", "scanner": "s", "uuid": "u", "language": "en"}
        SubElement(section, "Location", id="1", path=self.root)
        return found

    def _metadata(self, keys: list[str] | tuple[str, ...]) -> Element:
        found = _container()
        for item in (self.items[key] for key in keys):
            tag = "Directory" if item.file is None else "Video"
            where = f"/library/metadata/{item.key}"
            entry = SubElement(found, tag, ratingKey=item.key, key=where, type=item.type)
            entry.attrib["title"] = item.title
            if item.file is not None:
                media = SubElement(entry, "Media", id="1", duration="1000")
                SubElement(media, "Part", id="1", file=item.file, key="/library/parts/1")
        return found


@contextmanager
def fake_plex(root: str) -> Iterator[FakePlex]:
    """A Plex on a free loopback port."""
    plex = FakePlex(root)
    with answering(plex.answer) as plex.url:
        yield plex


def _container(**attributes: str) -> Element:
    return Element("MediaContainer", {"machineIdentifier": "fake", **attributes})


def _write(container: Element, *, is_json: bool) -> Answer:
    if not is_json:
        return Answer(body=tostring(container), content_type="text/xml")
    body = {"MediaContainer": _to_dict(container)}
    return Answer(body=json.dumps(body).encode())


_LISTS = {"Video": "Metadata", "Directory": "Directory"}


def _to_dict(element: Element) -> dict[str, object]:
    """JSON's form: attributes as fields, children as lists; items are all called `Metadata`."""
    fields: dict[str, object] = dict(element.attrib)
    for child in element:
        is_item = "ratingKey" in child.attrib
        name = "Metadata" if is_item else _LISTS.get(child.tag, child.tag)
        listed = fields.setdefault(name, [])
        assert isinstance(listed, list)
        listed.append(_to_dict(child))
    return fields
