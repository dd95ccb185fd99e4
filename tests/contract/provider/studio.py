"""A server that hears, some real speech, and what tests of the provider do again and again."""

import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from tests.contract.speech import SPEECH

from mediant.subtitles.formats import read_cues
from mediant.testing.bazarr import Bazarr
from mediant.testing.server import RunningServer
from mediant.testing.speech import Clip, read_english, read_prompts

SECOND = 32_000
"""Bytes of raw sound."""
FORMAT = "/asr?task=transcribe&language=en&output={}&encode=false"


@dataclass(frozen=True, slots=True)
class Studio:
    """A server with a speech model."""

    server: RunningServer

    @property
    def spool(self) -> Path:
        """Where sound lies while it is needed."""
        return self.server.config_dir / "spool"

    def bazarr(self, key: str | None = None) -> Bazarr:
        """Bazarr with a key in its endpoint; "" sends none."""
        key = self.server.key if key is None else key
        return Bazarr(self.server.url + (f"/provider/{key}" if key else ""))

    def client(self) -> httpx2.Client:
        """A client with the admin's key."""
        return self.server.client()

    def stranger(self) -> httpx2.Client:
        """A client without any credential."""
        return self.server.client(None)

    def put(self, **settings: str) -> None:
        """Change settings of subtitles."""
        with self.client() as client:
            for name, value in settings.items():
                answer = client.put(f"/api/settings/{name}", json={"value": value})
                assert answer.status_code == 200, answer.text

    def jobs(self, kind: str = "hear", *states: str) -> list[dict[str, Any]]:
        """The jobs of a kind, newest first."""
        with self.client() as client:
            params: dict[str, str | int] = {"kind": kind, "limit": 100}
            found = client.get("/api/v2/jobs", params=params).raise_for_status().json()["items"]
        return [job for job in found if not states or job["state"] in states]

    def jobs_of(self, sound: bytes) -> list[dict[str, Any]]:
        """The jobs that hear, or heard, this sound."""
        return [job for job in self.jobs() if job["payload"]["audio"] == digest(sound)]

    def spooled(self) -> list[str]:
        """The names of all that lies in the spool now.

        What an earlier call left there goes soon after its job, not with it.
        """
        return [path.name for path in self.spool.iterdir()] if self.spool.is_dir() else []

    def live(self, kind: str = "hear") -> list[dict[str, Any]]:
        """Those that have not ended."""
        return self.jobs(kind, "queued", "running")

    def pause(self, lane: str = "speech") -> None:
        """Let jobs of a lane wait."""
        self._tell("pause", lane)

    def resume(self, lane: str = "speech") -> None:
        """Let them go on."""
        self._tell("resume", lane)

    def connect(self) -> socket.socket:
        """A connection on which nothing was said yet."""
        address = urlsplit(self.server.url)
        return socket.create_connection((address.hostname or "", address.port or 0))

    def head_of_upload(self, size: int) -> bytes:
        """The beginning of a request that announces so many bytes."""
        head = (
            f"POST /provider/{self.server.key}/asr?encode=false&output=srt HTTP/1.1\r\n"
            f"Host: x\r\nContent-Length: {size}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="audio_file"; filename="a"\r\n\r\n'
        )
        return head.encode()

    def _tell(self, what: str, lane: str) -> None:
        with self.client() as client:
            scope = {"scope": f"lane:{lane}"}
            client.post(f"/api/v2/jobs/{what}", json=scope).raise_for_status()


def english(index: int = 0) -> Clip:
    """A clip of some seconds."""
    return read_english(SPEECH)[index]


def spanish() -> Clip:
    """A prompt that lasts long enough to tell its language."""
    return max(read_prompts(SPEECH, "es", 6), key=lambda clip: len(clip.text))


def to_pcm(clip: Clip) -> bytes:
    """As Bazarr sends it."""
    return clip.read().astype("<i2").tobytes()


def digest(sound: bytes) -> str:
    """The name of this sound in the spool."""
    return hashlib.sha256(sound).hexdigest()


def unique(sound: bytes, mark: int) -> bytes:
    """The same sound, but for the server another one: a little more silence at its end."""
    return sound + bytes(2 * mark)


def read_text(body: bytes) -> str:
    """What a subtitle says."""
    return " ".join(line for cue in read_cues(body) for line in cue.lines)
