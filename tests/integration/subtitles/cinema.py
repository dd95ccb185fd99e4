"""A server with a real speech model, and real speech for the videos that it gets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from mediant.subtitles.formats import read_cues
from mediant.subtitles.speech.samples import Samples as SpokenSamples
from mediant.testing.server import running_server
from mediant.testing.signals import Samples
from mediant.testing.speech import Clip, read_english, read_prompts, word_error_rate
from mediant.testing.videos import Sound
from mediant.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / ".cache" / "models"
SPEECH = ROOT / "corpora" / "speech"
HAS_ALL = (SPEECH / ".complete").is_file() and (MODELS / "asr" / "whisper-base").is_dir()

RATE = 16_000
ROOM = "/api/v2/subtitles"
PATIENCE_S = 600.0
LIVE = {"queued", "running"}
AUDIBLE = 0.1
"""A clip begins where it has a tenth of its loudest moment."""

MISHEARD = 0.35
"""Share of the words that the small model may get wrong in one clip."""


class Voices:
    """Clips of human speech by language and name: `en/0870`, `es/demo-nogo`."""

    def __init__(self) -> None:
        """Read which there are."""
        self._clips = {f"en/{clip.name[-4:]}": clip for clip in read_english(SPEECH)}
        for code in ("es", "fr"):
            self._clips |= {f"{code}/{clip.name}": clip for clip in read_prompts(SPEECH, code)}

    def clip(self, name: str) -> Clip:
        """A recording and its text."""
        return self._clips[name]

    def sound(self, name: str, language: str = "", **more: Any) -> Sound:
        """An audio track that says one clip, tagged `language`."""
        return Sound(language, loudness(self.clip(name).read()), RATE, **more)


def loudness(samples: SpokenSamples) -> Samples:
    """float32 within 1 of 16-bit samples."""
    return samples.astype(np.float32) / 32_768.0


def trim(samples: Samples) -> Samples:
    """From the moment on at which something is to be heard; within 10 ms."""
    step = RATE // 100
    loud = np.abs(samples[: len(samples) // step * step].reshape(-1, step)).max(axis=1)
    return samples[int(np.argmax(loud > loud.max() * AUDIBLE)) * step :]


def place(clips: Sequence[tuple[float, Clip]], seconds: float) -> Samples:
    """Silence of so many seconds in which each clip begins to be heard at its time; float32 [n]."""
    stage = np.zeros(round(seconds * RATE), np.float32)
    for at_s, clip in clips:
        voice = trim(loudness(clip.read()))
        begin = round(at_s * RATE)
        stage[begin : begin + len(voice)] += voice[: len(stage) - begin]
    return stage


def read_text(path: Path) -> str:
    """What a subtitle says."""
    return " ".join(line for cue in read_cues(path.read_bytes(), "eng") for line in cue.lines)


def list_files(folder: Path) -> set[str]:
    """Names of all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@dataclass(slots=True)
class Scanned:
    """What one scan and the jobs that followed from it came to."""

    counts: dict[str, Any]
    log: str
    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By the file's path, the oldest first."""


class Cinema:
    """The server, and a folder of videos."""

    def __init__(self, client: httpx2.Client) -> None:
        """`client` has the admin's key."""
        self.client = client
        self.voices = Voices()

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The answer; fails for any other status than success."""
        answer = self.client.request(method, path, **more)
        assert answer.is_success, f"{answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def change(self, **settings: str) -> None:
        """Change settings of subtitles."""
        self.call("PATCH", f"{ROOM}/settings", json=settings)

    def set_rules(self, *rules: dict[str, Any]) -> None:
        """These rules and no others."""
        for rule in self.call("GET", f"{ROOM}/rules")["items"]:
            self.call("DELETE", f"{ROOM}/rules/{rule['id']}")
        for rule in rules:
            self.call("POST", f"{ROOM}/rules", json={"quality_preset": "balanced", **rule})

    def analyse(self, path: Path) -> dict[str, Any]:
        """What a scan would make of a file, or the problem as it is told."""
        answer = self.client.post(f"{ROOM}/analyze", json={"path": str(path)})
        return dict(answer.json())

    def scan(self, folder: Path) -> Scanned:
        """Look through a folder, and wait for all that follows."""
        first = max((job["id"] for job in self._jobs()), default=0)
        scanned = self.look(folder)
        self.rest()
        for job in sorted(self._jobs(), key=lambda one: one["id"]):
            if job["id"] > first:
                scanned.jobs.setdefault(job["file_path"], []).append(job)
        return scanned

    def look(self, folder: Path) -> Scanned:
        """Look through a folder; what follows is queued then."""
        asked = self.call("POST", f"{ROOM}/scans", json={"paths": [str(folder)]})["job_id"]

        def counts() -> dict[str, Any]:
            answer = self.client.get(f"{ROOM}/scans/{asked}")
            return dict(answer.json()) if answer.is_success else {}

        wait_until(lambda: counts().get("finished_at"), PATIENCE_S)
        lines = self.call("GET", f"/api/v2/jobs/{asked}/log")["items"]
        return Scanned(counts(), "\n".join(line["text"] for line in lines))

    def rest(self) -> None:
        """Wait until no job of subtitles is left."""
        wait_until(lambda: not any(job["state"] in LIVE for job in self._jobs()), PATIENCE_S)

    @contextmanager
    def holding_speech(self) -> Iterator[None]:
        """Jobs that listen wait until the end of the block."""
        self.call("POST", "/api/v2/jobs/pause", json={"scope": "lane:speech"})
        try:
            yield
        finally:
            self.call("POST", "/api/v2/jobs/resume", json={"scope": "lane:speech"})

    def says(self, subtitle: Path, clip: str) -> bool:
        """Whether a subtitle holds what the clip says; the small model mishears a few words."""
        said = self.voices.clip(clip).text
        return word_error_rate(said, read_text(subtitle), clip[:2]) <= MISHEARD

    def jobs_of(self, path: Path) -> list[dict[str, Any]]:
        """The jobs of one file, the oldest first."""
        mine = [job for job in self._jobs() if job["file_path"] == str(path)]
        return sorted(mine, key=lambda job: int(job["id"]))

    def _jobs(self) -> list[dict[str, Any]]:
        return list(self.call("GET", f"{ROOM}/jobs", params={"limit": 1000})["jobs"])


@contextmanager
def open_cinema(config_dir: Path) -> Iterator[Cinema]:
    """A server of its own, until the end of the block."""
    environ = {
        "MEDIANT_MODELS_DIR": str(MODELS),
        "MEDIANT_SUBTITLES__WHISPER_MODEL": "whisper-base",
        "MEDIANT_SUBTITLES__CLEAR_VRAM_ON_COMPLETE": "false",
    }
    with running_server(config_dir, environ) as server, server.client() as client:
        yield Cinema(client)
