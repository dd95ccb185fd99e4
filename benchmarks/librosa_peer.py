"""librosa's loading and mel with our networks on the same files, run by `tagging.py`.

    librosa_peer.py PROCESSES MODELS FILES...

Writes one line of JSON: seconds of audio, wall time and CPU time, after every process has loaded
its networks and decoded one file.
"""

import json
import multiprocessing
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

RATE = 16_000
FRAMES = 187
BATCH = 4
_SESSIONS: list[Any] = []
"""This process's networks, loaded once."""


def score(task: tuple[str, str]) -> float:
    """Run both networks over one file; its seconds of audio."""
    import librosa  # noqa: PLC0415 (only in the pool's processes)
    import numpy as np  # noqa: PLC0415

    path, models = task
    if not _SESSIONS:
        _SESSIONS.extend(open_sessions(Path(models)))
    samples, _rate = librosa.load(path, sr=RATE, mono=True)
    mel = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=512, hop_length=256, n_mels=96, pad_mode="constant"
    )
    frames = np.log10(10_000 * mel + 1).T.astype(np.float32)
    count = len(frames) // FRAMES
    patches = frames[: count * FRAMES].reshape(count, FRAMES, 96)
    for session, backbone in _SESSIONS:
        for start in range(0, count, BATCH):
            feed = {backbone.input_name: patches[start : start + BATCH]}
            session.run([backbone.tag_output, backbone.embedding_output], feed)
    return len(samples) / RATE


def open_sessions(models: Path) -> list[tuple[Any, Any]]:
    """ONNX Runtime's sessions of the installed networks, one thread each."""
    # Only in the pool's processes.
    from mediant.models.registry import discover  # noqa: PLC0415
    from mediant.models.silent_onnxruntime import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return [
        (onnxruntime.InferenceSession(str(backbone.graph), options), backbone)
        for backbone in discover(models).backbones
    ]


def cpu_s(processes: list[psutil.Process]) -> float:
    """CPU seconds of these processes."""
    times = [process.cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


def main() -> None:
    """Measure and print."""
    count, models, paths = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        pool.map(score, [(paths[-1], models)] * (2 * count), chunksize=1)
        children = psutil.Process().children()
        workers = [one for one in children if any("spawn_main" in part for part in one.cmdline())]
        before, started = cpu_s(workers), time.perf_counter()
        audio = sum(pool.map(score, [(path, models) for path in paths], chunksize=1))
        wall = time.perf_counter() - started
        spent = cpu_s(workers) - before
    found = {
        "what": "librosa load and mel, same networks in ONNX Runtime; no tempo, key, moods",
        "version": version("librosa"),
        "processes": count,
        "audio_s": round(audio, 1),
        "wall_s": round(wall, 2),
        "cpu_s": round(spent, 2),
        "audio_per_wall": round(audio / wall, 1),
        "audio_per_cpu": round(audio / spent, 1),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
