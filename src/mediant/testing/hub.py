"""A hub of models on a loopback port, as its own client sees one: what it has, and its moods."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from mediant.testing.answering import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE_BYTES = 10_000
"""Files of so many bytes are kept apart and answered with a redirect, as Git LFS has it."""

_PART_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Repository:
    """What one repository holds."""

    files: Mapping[str, bytes]
    commit: str = COMMIT
    licence: str | None = "mit"
    is_gated: bool = False
    """Shown only to who sends `token`."""


@dataclass(slots=True)
class Moods:
    """What goes wrong, of large files only."""

    cut_after: int | None = None
    """The connection breaks once, after so many bytes of an answer."""
    damaged: bool = False
    """The last byte that comes is another one."""
    hold_after: int | None = None
    """No more than so many bytes come until `go` is set."""
    go: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    """Set when an answer is being held."""


@dataclass(slots=True)
class FakeHub:
    """The hub: put repositories into it, and see what was asked of it."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    moods: Moods = field(default_factory=Moods)
    token: str = "hf_made"  # noqa: S105 (nobody's)
    address: str = ""
    store: str = ""
    """Where large files are: another server, which shall not see the token."""
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and `Range` of each request."""
    sent_bytes: int = 0
    """Of large files."""


@contextmanager
def running_hub(hub: FakeHub) -> Iterator[FakeHub]:
    """The hub answers at its `address` until the end of the block."""

    class Handler(_Answers):
        pass

    Handler.hub = hub
    with serving(Handler) as hub.address, serving(Handler) as hub.store:
        try:
            yield hub
        finally:
            hub.moods.go.set()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        self.hub.asked.append((self.command, path, self.headers.get("Range")))
        parts = path.split("/")
        if parts[:2] == ["api", "models"]:
            self._tell_listing(parts[2:])
        elif parts[0] == "large":
            self._send_large("/".join(parts[1:3]), parts[3])
        elif parts[2:3] == ["resolve"]:
            self._resolve("/".join(parts[:2]), parts[3], parts[4])
        else:
            self._answer(404, b"")

    do_HEAD = do_GET  # noqa: N815 (http.server's name)

    def _tell_listing(self, parts: list[str]) -> None:
        name, revision = "/".join(parts[:2]), parts[3] if len(parts) > 3 else None
        repository = self._find(name, revision)
        if repository is None:
            return
        card = {"license": repository.licence} if repository.licence else {}
        siblings = [_describe(*item) for item in repository.files.items()]
        body = {"id": name, "sha": repository.commit, "cardData": card, "siblings": siblings}
        self._answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _resolve(self, name: str, revision: str, file: str) -> None:
        repository = self._find(name, revision)
        if repository is None:
            return
        commit = {"X-Repo-Commit": repository.commit}
        content = repository.files.get(file)
        if content is None:
            self._answer(404, b"", {**commit, "X-Error-Code": "EntryNotFound"})
        elif len(content) >= LARGE_BYTES:
            linked = {
                "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Linked-Size": str(len(content)),
                "Location": f"{self.hub.store}/large/{name}/{file}",
            }
            self._answer(302, b"", {**commit, **linked})
        else:
            self._answer(200, content, {**commit, "ETag": f'"{_hash_as_git(content)}"'})

    def _find(self, name: str, revision: str | None) -> Repository | None:
        """None when it was answered that there is none to be shown."""
        repository = self.hub.repositories.get(name)
        if repository is None:
            self._answer(401, b"", {"X-Error-Code": "RepoNotFound"})
        elif (
            repository.is_gated and self.headers.get("Authorization") != f"Bearer {self.hub.token}"
        ):
            self._answer(403, b"", {"X-Error-Code": "GatedRepo"})
        elif revision not in {None, "main", repository.commit}:
            self._answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
        else:
            return repository
        return None

    def _send_large(self, name: str, file: str) -> None:
        if self.headers.get("Authorization"):
            self._answer(400, b"A store knows no tokens.")
            return
        content = self.hub.repositories[name].files[file]
        if self.hub.moods.damaged:
            content = content[:-1] + bytes([content[-1] ^ 1])
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.command == "GET":
            self._send_parts(content, start)

    def _send_parts(self, content: bytes, start: int) -> None:
        moods = self.hub.moods
        for at in range(start, len(content), _PART_BYTES):
            if moods.cut_after is not None and at >= moods.cut_after:
                moods.cut_after, self.close_connection = None, True
                return
            if moods.hold_after is not None and at >= moods.hold_after:
                moods.held.set()
                moods.go.wait()
            part = content[at : at + _PART_BYTES]
            try:
                self.wfile.write(part)
            except OSError:  # who asked has gone
                self.close_connection = True
                return
            self.hub.sent_bytes += len(part)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: `asked` tells."""


def _describe(name: str, content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": name, "size": len(content)}
    if len(content) >= LARGE_BYTES:
        sha256 = hashlib.sha256(content).hexdigest()
        told |= {
            "blobId": "0" * 40,
            "lfs": {"sha256": sha256, "size": len(content), "pointerSize": 1},
        }
    else:
        told["blobId"] = _hash_as_git(content)
    return told


def _hash_as_git(content: bytes) -> str:
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
