"""kill -9 at random moments while a real server tags real music and writes into it."""

import hashlib
import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import av
import mutagen
import numpy as np
import psutil
import pytest
import soundfile
from sqlalchemy import Row, func, select

from mediant.store import Database, open_database
from mediant.store.schema_jobs import job
from mediant.store.schema_library import file
from mediant.store.schema_tagging import tag_write, track
from mediant.tagging.tags import select_for_mode
from mediant.tagging.write import read_own
from mediant.testing.media import MediaFactory
from mediant.testing.processes import is_alive
from mediant.testing.server import RunningServer, running_server
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_for

ROOT = Path(__file__).parents[2]
MODELS = ROOT / ".cache" / "models"
CORPORA = ROOT / "corpora"
PIECES = (
    "amoebax/menu.ogg",
    "amoebax/training.ogg",
    "amoebax/SpikeBackground.ogg",
    "frozen-bubble/introzik.ogg",
    "asc/frontiers.mp3",
)
SUFFIXES = (".mp3", ".flac", ".ogg", ".m4a", ".wav", ".aiff", ".opus")
SECTION_S = 8.0
SEED = 20_261_121
WORKER, DECODER, SERVER = "mediant.jobs.worker", "mediant.jobs.sandbox_child", "server"
DEATH_LIMIT = 3
IDLE_S = 900.0

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.models,
    pytest.mark.skipif(not (CORPORA / PIECES[0]).exists(), reason="needs `make corpora`"),
    pytest.mark.skipif(not (MODELS / "msd-musicnn").exists(), reason="needs the music networks"),
]


def make_music(folder: Path, n: int) -> list[Path]:
    """Sections of real music in every container, tagged by somebody else; and one whole file."""
    songs = MediaFactory(folder)
    made = []
    for number in range(n):
        source = CORPORA / PIECES[number % len(PIECES)]
        rate = soundfile.info(source).samplerate
        start = int(rate * (10 + 4 * (number // len(PIECES))))
        section, _ = soundfile.read(source, int(rate * SECTION_S), start, dtype="float32")
        suffix = SUFFIXES[number % len(SUFFIXES)]
        section = np.repeat(section, 44100 // rate, axis=0)
        rate = 48000 if suffix == ".opus" else 44100
        name = f"album {number % 3}/{number:02}{suffix}"
        tags: dict[str, Any] = {
            "title": f"Section {number}",
            "artist": "Somebody",
            "album": source.stem,
        }
        made.append(songs.write(name, section, rate, **tags))
    whole = folder / "whole" / "Congratulations.ogg"
    whole.parent.mkdir()
    shutil.copyfile(CORPORA / "amoebax/Congratulations.ogg", whole)
    return [*made, whole]


def make_broken(folder: Path) -> dict[Path, set[str]]:
    """Files that cannot be analysed, and the reasons that are right."""
    songs = MediaFactory(folder)
    return {
        songs.empty("empty.mp3"): {"empty"},
        songs.noise("noise.mp3"): {"corrupt", "no_audio", "too_short"},
        songs.text("text.flac"): {"corrupt", "no_audio"},
        songs.silence("silence.ogg"): {"silent"},
        songs.tone("brief.wav", 1.0): {"too_short"},
        songs.protected_m4p("bought.m4a"): {"protected"},
    }


@dataclass
class Chaos:
    """A server that is killed again and again, and what lies in its library."""

    folder: Path
    n_songs: int
    seed: int
    kills: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.music, self.config = self.folder / "music", self.folder / "config"
        self.songs = make_music(self.music, self.n_songs)
        self.broken = make_broken(self.music / "broken")
        shutil.copytree(self.music, self.folder / "originals")
        self.stack = ExitStack()
        self.modes = cycle(["minimal", "full"])

    @property
    def files(self) -> list[Path]:
        return [*self.songs, *self.broken]

    def original(self, path: Path) -> Path:
        return self.folder / "originals" / path.relative_to(self.music)

    def start(self) -> None:
        environ = {"MEDIANT_MODELS_DIR": str(MODELS), "MEDIANT_JOBS__CPU_WORKERS": "2"}
        arguments = ["--media", str(self.music), "--write", "full"]
        opened = running_server(self.config, environ, arguments)
        self.server: RunningServer = self.stack.enter_context(opened)
        self.client = self.stack.enter_context(self.server.client())

    def close(self) -> None:
        self.stack.close()

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.client.request(method, "/api/v2" + path, **more)
        return answer.raise_for_status().json()

    def children(self, module: str = "") -> list[psutil.Process]:
        """The server's processes that are alive and of this kind."""
        found = psutil.Process(self.server.process.pid).children(recursive=True)
        return [one for one in found if module in _command(one)]

    def count_live(self, kind: str | None = None) -> int:
        counts = self.call("GET", "/jobs/counts", params={"kind": kind} if kind else {})["counts"]
        return int(counts["queued"] + counts["running"])

    def keep_busy(self) -> None:
        """When everything is tagged, tag it again, with more or fewer tags than before."""
        if self.count_live("tag") == 0 and self.count_live() == 0:
            body = {"path": str(self.music), "force": True, "write_mode": next(self.modes)}
            self.call("POST", "/tagging/tag", json=body)

    def is_tagging(self) -> bool:
        """Whether a tag job runs; gives out work where the last of it has just ended."""
        self.keep_busy()
        counts = self.call("GET", "/jobs/counts", params={"kind": "tag"})["counts"]
        return int(counts["running"]) > 0

    def strike(self, victim: str) -> None:
        """Kill one process at a moment when a tag job runs."""
        wait_until(self.is_tagging)
        threading.Event().wait(self.chance.uniform(0.0, 1.2))
        if victim == SERVER:
            self.kill_server()
            self.start()
        else:
            self.kill_child(victim)
        self.kills[victim] += 1

    def kill_child(self, module: str) -> None:
        """At a moment when there is such a process; the work may have run out meanwhile."""
        wait_until(lambda: self.is_tagging() and self.children(module))
        found = self.children(module)
        if found:
            with suppress(psutil.NoSuchProcess):
                self.chance.choice(found).kill()

    def kill_server(self) -> None:
        """At one blow; whatever it had started must go with it."""
        children = self.children()
        self.server.process.kill()
        self.server.process.wait()
        wait_until(lambda: not [one for one in children if is_alive(one)])
        self.close()

    def settle(self) -> None:
        """Let the server finish everything, and stop it in order."""
        wait_until(lambda: self.count_live() == 0, IDLE_S)
        children = self.children()
        assert self.server.stop() == 0
        # A worker's own children are told of its end by the system.
        wait_until(lambda: not [one for one in children if is_alive(one)])
        self.close()

    def open_database(self) -> Database:
        return open_database(f"sqlite:///{self.config / 'mediant.db'}")


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture
def chaos(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chaos]:
    seed = SEED
    print(f"seed {seed}")
    made = Chaos(tmp_path, request.param, seed)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("chaos", [40], indirect=True)
def test_fifty_kills_lose_and_damage_nothing(chaos):
    survive(chaos, 50)


@pytest.mark.slow
@pytest.mark.parametrize("chaos", [8], indirect=True)
def test_a_few_kills_lose_and_damage_nothing(chaos):
    survive(chaos, 6)


def survive(chaos: Chaos, n_kills: int) -> None:
    """Kill, let it finish, look at everything; then tag once in peace, and take all back."""
    victims = [WORKER, DECODER, SERVER] * -(-n_kills // 3)
    chaos.chance.shuffle(victims)
    chaos.start()
    for victim in victims[:n_kills]:
        chaos.strike(victim)
    chaos.settle()
    check_rows(chaos)
    check_files(chaos)
    chaos.start()
    retag(chaos)
    chaos.settle()
    check_peace(chaos)
    chaos.start()
    undo_everything(chaos)
    chaos.settle()
    for path in chaos.files:
        assert digest(path) == digest(chaos.original(path)), path


def check_rows(chaos: Chaos) -> None:
    """One file, one track, one reason each; nothing in the queue."""
    known = read_tracks(chaos)
    assert sorted(known) == sorted(str(path.relative_to(chaos.music)) for path in chaos.files)
    for name, found in known.items():
        assert found.state in {"tagged", "failed", "skipped"}, name
        assert (found.state == "tagged") or (found.error_code and found.error), name
    for path, codes in chaos.broken.items():
        found = known[str(path.relative_to(chaos.music))]
        assert found.error_code in codes | {"poison", "decode_crash"}, path
    database = chaos.open_database()
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        live = select(func.count()).select_from(job).where(job.c.state.in_(["queued", "running"]))
        assert connection.scalar(live) == 0
        failed = connection.execute(select(job).where(job.c.state == "failed")).all()
        undecided = (
            select(func.count()).select_from(tag_write).where(tag_write.c.state == "prepared")
        )
        assert connection.scalar(undecided) == 0
    database.close()
    blame(chaos, [one for one in failed if not _is_broken(chaos, one)])


def _is_broken(chaos: Chaos, failed: Row[Any]) -> bool:
    return any(str(path) in (failed.error or "") for path in chaos.broken)


def blame(chaos: Chaos, failed: list[Row[Any]]) -> None:
    """A job of a good file fails only by our own doing, and only as often as we did it."""
    codes = Counter(one.error_code for one in failed)
    print(f"kills {dict(chaos.kills)}; jobs of good files that failed: {dict(codes)}")
    assert set(codes) <= {"poison", "decode_crash"}, [one.error for one in failed]
    assert codes["decode_crash"] <= chaos.kills[DECODER]
    poisoned = [one for one in failed if one.error_code == "poison"]
    assert all(one.deaths == DEATH_LIMIT for one in poisoned)
    n_workers = 3
    deaths = chaos.kills[WORKER] + n_workers * chaos.kills[SERVER]
    assert codes["poison"] * DEATH_LIMIT <= deaths


def read_tracks(chaos: Chaos) -> dict[str, Row[Any]]:
    """The rows of every file that is there, by its path."""
    database = chaos.open_database()
    with database.read() as connection:
        joined = select(file.c.path, file.c.state.label("is_there"), track)
        rows = connection.execute(joined.outerjoin(track, track.c.file_id == file.c.id)).all()
    database.close()
    assert all(row.is_there == "present" for row in rows)
    found = {str(row.path): row for row in rows}
    assert len(found) == len(rows)
    return found


def check_files(chaos: Chaos) -> None:
    """Every file is as it was or exactly as one of our writes made it; nothing lies beside it."""
    there = sorted(path for path in chaos.music.rglob("*") if path.is_file())
    assert there == sorted(chaos.files)
    database = chaos.open_database()
    with database.read() as connection:
        written = set(connection.scalars(select(tag_write.c.after_hash)))
    database.close()
    for path in chaos.files:
        original = chaos.original(path)
        assert digest(path) == digest(original) or digest(path) in written, path
        if path in chaos.songs:
            assert np.array_equal(decode(path), decode(original)), path
            assert foreign_tags(path) == foreign_tags(original), path


def check_peace(chaos: Chaos) -> None:
    """After one undisturbed run everything is as if nobody had ever been killed."""
    tracks = read_tracks(chaos)
    check_files(chaos)
    for path in chaos.songs:
        found = tracks[str(path.relative_to(chaos.music))]
        assert (found.state, found.error, found.written_mode) == ("tagged", None, "full"), path
        wanted = select_for_mode(stored_tags(chaos, found.file_id), "full")
        own = {key: sorted(values) for key, values in read_own(path, "nom").items()}
        assert own == {key: sorted(values) for key, values in wanted.items()}
    for path, codes in chaos.broken.items():
        found = tracks[str(path.relative_to(chaos.music))]
        assert found.error_code in codes, path
        assert digest(path) == digest(chaos.original(path))


def stored_tags(chaos: Chaos, file_id: int) -> dict[str, tuple[str, ...]]:
    from mediant.tagging.rows import list_tags  # noqa: PLC0415

    database = chaos.open_database()
    with database.read() as connection:
        tags = list_tags(connection, file_id)
    database.close()
    return {key: tuple(values) for key, values in tags.items()}


def retag(chaos: Chaos) -> None:
    wait_until(lambda: chaos.count_live() == 0, IDLE_S)
    body = {"path": str(chaos.music), "force": True, "write_mode": "full"}
    chaos.call("POST", "/tagging/tag", json=body)


def undo_everything(chaos: Chaos) -> None:
    """Undo write after write, until no file has one that is left."""
    wait_until(lambda: chaos.count_live() == 0, IDLE_S)
    left = list(chaos.songs)
    n_undone = 0
    while left:
        asked = []
        for path in left:
            body = {"path": str(path)}
            answer = chaos.client.post("/api/v2/tagging/undo", json=body)
            if answer.status_code == 404:
                continue
            asked.append((path, answer.raise_for_status().json()["job_id"]))
        for path, job_id in asked:
            ended = wait_for(chaos.client, job_id)
            assert (ended["state"], ended["result"]["outcome"]) == ("done", "exact"), path
        n_undone += len(asked)
        left = [path for path, _ in asked]
    print(f"{n_undone} writes undone")
    assert n_undone >= len(chaos.songs)


def digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def decode(path: Path) -> np.ndarray[Any, Any]:
    """All samples of the first audio stream."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1)


def foreign_tags(path: Path) -> dict[str, str]:
    """What is not ours, as another program reads it."""
    tags = mutagen.File(path).tags or {}
    texts = {str(key): str(tags[key]) for key in tags.keys()}  # noqa: SIM118 (some are lists)
    return {key: text for key, text in texts.items() if "nom" not in key.lower()}
