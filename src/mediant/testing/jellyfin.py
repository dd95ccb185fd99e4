"""A stand-in for Jellyfin, or for Emby: items with paths, and what was refreshed.

Both have kept the same item API; they differ in the header that carries the token. The public
client library `jellyfin-apiclient-python` takes it for a Jellyfin.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from mediant.testing.answering import Answer, Asked, answering

TOKEN = "item-token-for-tests"  # noqa: S105
_AUTHORIZATION = re.compile(r'\AMediaBrowser .*Token="([^"]*)"')


@dataclass(slots=True)
class FakeItems:
    """A Jellyfin or an Emby."""

    kind: Literal["jellyfin", "emby"]
    token: str = TOKEN
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    """Ids of items that were asked to be read anew, in order."""
    updated: list[str] = field(default_factory=list)
    """Paths that were told to have changed, in order."""
    is_down: bool = False
    url: str = ""

    def add(self, item_id: str, type_: str, path: str, parent_id: str | None = None) -> None:
        """One more item."""
        self.items[item_id] = {"Id": item_id, "Type": type_, "Path": path, "ParentId": parent_id}

    def answer(self, asked: Asked) -> Answer:
        """What the real one would say."""
        if self.is_down:
            return Answer(503)
        if self._token(asked) != self.token:
            return Answer(401)
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["Items"]:
                found = list(self._select(asked))
                return _json({"Items": found, "TotalRecordCount": len(found)})
            case "GET", ["Users", _, "Items", item_id] if item_id in self.items:
                return _json(self.items[item_id])
            case "POST", ["Items", item_id, "Refresh"] if item_id in self.items:
                self.refreshed.append(item_id)
                return Answer(204)
            case "POST", ["Library", "Media", "Updated"]:
                self.updated += [one["Path"] for one in json.loads(asked.body)["Updates"]]
                return Answer(204)
        return Answer(404)

    def _token(self, asked: Asked) -> str | None:
        if self.kind == "emby":
            return asked.headers.get("x-emby-token")
        found = _AUTHORIZATION.match(asked.headers.get("authorization", ""))
        return found[1] if found else None

    def _select(self, asked: Asked) -> Iterator[dict[str, Any]]:
        ids, parent = asked.query.get("Ids"), asked.query.get("ParentId")
        wanted = asked.query.get("IncludeItemTypes")
        for item in self.items.values():
            is_asked = ids is None or item["Id"] in ids.split(",")
            is_below = parent is None or item["ParentId"] == parent
            if is_asked and is_below and (wanted is None or item["Type"] in wanted.split(",")):
                yield item


@contextmanager
def fake_jellyfin() -> Iterator[FakeItems]:
    """A Jellyfin on a free loopback port."""
    server = FakeItems("jellyfin")
    with answering(server.answer) as server.url:
        yield server


@contextmanager
def fake_emby() -> Iterator[FakeItems]:
    """An Emby on a free loopback port."""
    server = FakeItems("emby")
    with answering(server.answer) as server.url:
        yield server


def _json(body: object) -> Answer:
    return Answer(body=json.dumps(body).encode())
