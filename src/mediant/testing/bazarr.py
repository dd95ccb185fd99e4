"""A client that speaks to a Whisper provider as Bazarr does, byte for byte, over a plain socket.

    bazarr = Bazarr("http://127.0.0.1:8356/provider/KEY")
    answer = bazarr.hear(pcm, "en")                # Answer(status, headers, body)
    accepts_subtitle(answer)                       # what it would do with it
    with bazarr.sending("/asr?...", pcm) as call:  # to hang up in the middle
        call.hang_up()

It sends the parameters in one order and one part without a type of its own, never in chunks.
"""

import base64
import json
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlencode, urlsplit

from mediant.subtitles.formats import read_cues

CONNECT_S = 5.0
READ_S = 3600.0
BLOCK_BYTES = 1 << 20
AGENT = "Subliminal/2.1"

Verdict = Literal["uses it", "no language", "throttled"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()


class Call:
    """A request that is under way."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def hang_up(self) -> None:
        """Close the connection without waiting for the answer."""
        self._connection.close()

    def read(self) -> Answer:
        """Wait for the answer."""
        with HTTPResponse(self._connection, method="POST") as response:
            response.begin()
            body = response.read()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, body)


class Bazarr:
    """One provider as it is set up there."""

    def __init__(
        self,
        endpoint: str,
        *,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
        keeps: bool = False,
    ) -> None:
        """`endpoint` as a user types it; it may hold `user:password@` and a path. `keeps`: one
        connection for all calls; close it, or use a `with` block."""
        self._keeps = keeps
        self._address = urlsplit(endpoint.rstrip("/"))
        self._connect_s = connect_s
        self._read_s = read_s
        self._connection: socket.socket | None = None

    def hear(
        self,
        sound: bytes | Path,
        language: str,
        *,
        task: str = "transcribe",
        video_file: str | None = None,
    ) -> Answer:
        """`/asr`: raw s16le samples, or a file of them."""
        query = {"task": task, "language": language, "output": "srt", "encode": "false"}
        return self.post(self._target("/asr", query, video_file), sound)

    def hear_language(self, sound: bytes | Path, *, video_file: str | None = None) -> Answer:
        """`/detect-language`."""
        return self.post(self._target("/detect-language", {"encode": "false"}, video_file), sound)

    def test(self) -> Answer:
        """What the Test button does: `/status` of the host, without path and credentials."""
        with socket.create_connection(self._place, self._connect_s) as connection:
            lines = [f"GET /status HTTP/1.1\r\nHost: {self._host}", *_HEADERS, "", ""]
            connection.sendall("\r\n".join(lines).encode())
            return Call(connection).read()

    def post(self, target: str, sound: bytes | Path) -> Answer:
        """Send, and wait."""
        if self._connection is None:
            self._connection = self._connect()
        try:
            self._send(self._connection, target, sound)
            answer = Call(self._connection).read()
        except BaseException:
            self.close()
            raise
        if not self._keeps or answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def __enter__(self) -> "Bazarr":
        """Close the connection at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def sending(self, target: str, sound: bytes | Path) -> Iterator[Call]:
        """Send over a connection of its own."""
        with self._connect() as connection:
            self._send(connection, target, sound)
            yield Call(connection)

    def close(self) -> None:
        """Close the connection that is kept."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _place(self) -> tuple[str, int]:
        return self._address.hostname or "", self._address.port or 80

    @property
    def _host(self) -> str:
        return self._address.netloc.rpartition("@")[2]

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._place, self._connect_s)
        connection.settimeout(self._read_s)
        return connection

    def _target(self, path: str, query: dict[str, str], video_file: str | None) -> str:
        if video_file is not None:
            query["video_file"] = video_file
        return f"{path}?{urlencode(query)}"

    def _send(self, connection: socket.socket, target: str, sound: bytes | Path) -> None:
        boundary = secrets.token_hex(16)
        begin = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="audio_file"; filename="audio_file"\r\n\r\n'
        ).encode()
        end = f"\r\n--{boundary}--\r\n".encode()
        size = sound.stat().st_size if isinstance(sound, Path) else len(sound)
        lines = [
            f"POST {self._address.path}{target} HTTP/1.1",
            f"Host: {self._host}",
            *_HEADERS,
            f"Content-Length: {len(begin) + size + len(end)}",
            f"Content-Type: multipart/form-data; boundary={boundary}",
            *self._credentials(),
            "",
            "",
        ]
        connection.sendall("\r\n".join(lines).encode() + begin)
        for block in _blocks(sound):
            connection.sendall(block)
        connection.sendall(end)

    def _credentials(self) -> Sequence[str]:
        user, password = self._address.username, self._address.password
        if user is None:
            return []
        pair = f"{unquote(user)}:{unquote(password or '')}"
        return [f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}"]


_HEADERS = (
    f"User-Agent: {AGENT}",
    "Accept-Encoding: gzip, deflate",
    "Accept: */*",
    "Connection: keep-alive",
)


def hear_file(endpoint: str, sound: Path, language: str) -> Answer:
    """`/asr` for a file of samples; for processes that do nothing else."""
    return Bazarr(endpoint).hear(sound, language)


def accepts_subtitle(answer: Answer) -> bool:
    """Whether the body would be stored as a subtitle; neither status nor type matter."""
    return bool(read_cues(answer.body))


def judge_language(answer: Answer) -> Verdict:
    """What it makes of an answer to `/detect-language`."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return "no language"
    if not told:
        return "no language"
    if not isinstance(told, dict) or not {"detected_language", "language_code"} <= set(told):
        return "throttled"
    return "throttled" if told["language_code"] in ("und", "yue") else "uses it"


def _blocks(sound: bytes | Path) -> Iterator[bytes]:
    if isinstance(sound, bytes):
        for start in range(0, len(sound), BLOCK_BYTES):
            yield sound[start : start + BLOCK_BYTES]
        return
    with sound.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block
