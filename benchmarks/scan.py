"""How fast a library is scanned: the first time, again with no change, and after one change.

Runs the product's own way: a job of the real queue, the real dispatcher, a real worker process and
a real database, with small generated WAV files. Two peers run on the same folder and disk:

- `find -printf` prints path, size, time and inode of every file and stores nothing: a lower bound;
- beets (a music library manager that keeps its files in SQLite too), `beet import -A -C -q`, then
  `beet update` without a change. Its import also reads each file's tags, which our scan leaves to
  the tagging; its update, like our rescan, only looks at times. It gets the first `--peer-files`
  files, in a virtual environment made for it.

    python benchmarks/scan.py --files 100000
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mediant.events.bus import EventBus
from mediant.events.history import EventHistory
from mediant.jobs.dispatcher import Dispatcher
from mediant.jobs.job import Job, JobState
from mediant.jobs.kind import JobKind
from mediant.jobs.pool.local import LocalPool
from mediant.jobs.queue import JobQueue
from mediant.jobs.wake import Wake
from mediant.kernel.clock import monotonic_s
from mediant.library import Library
from mediant.settings.model import JobsSettings, LibrarySettings
from mediant.store import open_database
from mediant.store.migrate import upgrade
from mediant.testing.postgres import temporary_postgres

BEETS = "beets==2.14.1"
FILES_A_FOLDER = 12
LIMIT_S = 1_800.0
MARK_FIRST_PER_S = 3_000.0
MARK_RESCAN_S = 6.0
MARK_FILES = 100_000


def make_files(root: Path, count: int) -> None:
    """Valid, tiny WAV files in artist and album folders."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as sample:
        with wave.open(sample.name, "wb") as audio:
            audio.setnchannels(1)
            audio.setsampwidth(2)
            audio.setframerate(8_000)
            audio.writeframes(bytes(800))
        content = Path(sample.name).read_bytes()
    for number in range(count):
        album = number // FILES_A_FOLDER
        folder = root / f"Artist {album // 5:05d}" / f"Album {album:05d}"
        if number % FILES_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"{number % FILES_A_FOLDER:02d} Title {number:06d}.wav").write_bytes(content)


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    begin = monotonic_s()
    action()
    return monotonic_s() - begin


@contextmanager
def open_room(address: str, folder: Path) -> Iterator[tuple[Library, JobQueue, int]]:
    """A library room with its dispatcher and one worker process of the io lane."""
    database, bus, wake = open_database(address), EventBus(), Wake()
    upgrade(database, folder)
    kinds: dict[str, JobKind] = {}
    queue = JobQueue(database, bus, kinds, wake)
    library = Library(database, queue, LibrarySettings(), EventHistory(database), bus)
    kinds.update({kind.name: kind for kind in library.kinds()})
    settings = JobsSettings(cpu_workers=0, io_workers=1)
    dispatcher = Dispatcher(queue, LocalPool(), settings, wake)
    dispatcher.start()
    try:
        yield library, queue, library.add_library("Music", folder / "music").id
    finally:
        dispatcher.stop(0.0)
        bus.close()
        database.close()


def scan(library: Library, queue: JobQueue, library_id: int) -> tuple[float, dict[str, Any]]:
    """One scan, from the wish to the end of its job."""
    ended: list[Job] = []
    seconds = timed(lambda: ended.append(queue.wait(library.scan(library_id).job_id, LIMIT_S)))
    job = ended[0]
    if job.state is not JobState.DONE or job.result is None:
        raise SystemExit(f"the scan did not end well: {job.state} {job.error}")
    return seconds, dict(job.result)


def measure(address: str, folder: Path, count: int) -> dict[str, Any]:
    """The three scans on one database, checked by their counts."""
    with open_room(address, folder) as (library, queue, library_id):
        first_s, first = scan(library, queue, library_id)
        rescan_s, again = scan(library, queue, library_id)
        changed = next((folder / "music").rglob("00 *.wav"))
        changed.write_bytes(changed.read_bytes() + bytes(2))
        one_s, one = scan(library, queue, library_id)
    if (first["added"], again["seen"], again["changed"], one["changed"]) != (count, count, 0, 1):
        raise SystemExit(f"wrong counts: {first} {again} {one}")
    return {
        "first_s": round(first_s, 3),
        "first_files_per_s": round(count / first_s),
        "rescan_s": round(rescan_s, 3),
        "rescan_files_per_s": round(count / rescan_s),
        "one_change_s": round(one_s, 3),
    }


def measure_find(root: Path) -> dict[str, Any]:
    """`find` over the same tree, twice; the second is the comparable one (warm, as ours)."""
    command = ["find", str(root), "-type", "f", "-printf", r"%P\0%s\0%T@\0%i\n"]

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run()
    return {"seconds": round(timed(run), 3)}


def measure_beets(folder: Path, count: int) -> dict[str, Any]:
    """beets in a virtual environment of its own, over the first files of the same tree."""
    home, music = folder / "beets", folder / "beets-music"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin/pip"), "install", "-q", "--disable-pip-version-check", BEETS]
    subprocess.run(pip, check=True)
    copied = 0
    for album in sorted((folder / "music").glob("*/*")):
        if copied >= count:
            break
        target = music / album.parent.name / album.name
        shutil.copytree(album, target)
        copied += len(list(target.iterdir()))
    config = home / "config.yaml"
    lines = [f"directory: {music}", f"library: {home}/beets.db", "plugins: []"]
    # Files without tags look like one album to beets; it shall take them all.
    lines += ["import:", "  duplicate_action: keep", ""]
    config.write_text("\n".join(lines))
    beet = [str(home / "bin/beet"), "-c", str(config)]

    def run(*arguments: str) -> float:
        command = [*beet, *arguments]
        return timed(lambda: subprocess.run(command, check=True, capture_output=True))

    first_s = run("import", "-A", "-C", "-q", str(music))
    listed = subprocess.run([*beet, "ls"], check=True, capture_output=True, text=True)
    found = len(listed.stdout.splitlines())
    if found != copied:
        raise SystemExit(f"beets knows {found} of {copied} files")
    rescan_s = run("update")
    return {
        "version": BEETS,
        "files": copied,
        "first_files_per_s": round(copied / first_s),
        "rescan_files_per_s": round(copied / rescan_s),
    }


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=MARK_FILES)
    parser.add_argument("--peer-files", type=int, default=2_000)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL as well")
    parser.add_argument("--folder", type=Path, help="where to make the files (a real disk)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        folder = Path(scratch)
        (folder / "music").mkdir()
        made_s = timed(lambda: make_files(folder / "music", arguments.files))
        report: dict[str, Any] = {
            "files": arguments.files,
            "made_s": round(made_s, 1),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "how": "queue, dispatcher, one io worker process",
            "sqlite": measure(f"sqlite:///{folder / 'mediant.db'}", folder, arguments.files),
        }
        if arguments.postgres:
            with temporary_postgres(fsync=True) as server:
                report["postgresql"] = measure(server.new_database(), folder, arguments.files)
        report["find"] = measure_find(folder / "music")
        report["beets"] = measure_beets(folder, arguments.peer_files)
    ours, beets = report["sqlite"], report["beets"]
    report["ratio_first_to_beets"] = round(
        ours["first_files_per_s"] / beets["first_files_per_s"], 1
    )
    rescan_ratio = ours["rescan_files_per_s"] / beets["rescan_files_per_s"]
    report["ratio_rescan_to_beets"] = round(rescan_ratio, 1)
    report["ratio_rescan_to_find"] = round(ours["rescan_s"] / report["find"]["seconds"], 1)
    report["marks_met"] = {
        "first": ours["first_files_per_s"] >= MARK_FIRST_PER_S,
        "rescan": arguments.files >= MARK_FILES and ours["rescan_s"] <= MARK_RESCAN_S,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
