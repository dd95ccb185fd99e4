"""Runs inside the peer's own environment: essentia-tensorflow on files, figures as JSON.

python essentia_peer.py PROCESSES GRAPH.pb[,GRAPH.pb] FILES...
"""

import json
import multiprocessing
import os
import sys
import time
from importlib.metadata import version
from typing import Any

os.environ.update(
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
    OMP_NUM_THREADS="1",
    TF_CPP_MIN_LOG_LEVEL="3",
)

_NETWORKS: list[Any] = []


def tag(task):
    """Load a file and run every network over it; audio, CPU of loading and of each network."""
    import essentia  # noqa: PLC0415 (only in the worker processes)
    import essentia.standard as es  # noqa: PLC0415

    essentia.log.infoActive = essentia.log.warningActive = False
    path, graphs = task
    if not _NETWORKS:
        predict, output = es.TensorflowPredictMusiCNN, "model/Sigmoid"
        _NETWORKS.extend(
            predict(graphFilename=graph, output=output, patchHopSize=187) for graph in graphs
        )
    started = time.process_time()
    samples = es.MonoLoader(filename=path, sampleRate=16000, resampleQuality=4)()
    loaded = time.process_time() - started
    spent, means = [], []
    for network in _NETWORKS:
        started = time.process_time()
        scores = network(samples)
        spent.append(time.process_time() - started)
        means.append([float(value) for value in scores.mean(axis=0)])
    return len(samples) / 16000, loaded, spent, means


def main():
    """Measure and print."""
    processes, graphs = int(sys.argv[1]), sys.argv[2].split(",")
    probe, paths = sys.argv[3], sys.argv[4:]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        probed = pool.map(tag, [(probe, graphs)] * (2 * processes), chunksize=1)
        started = time.perf_counter()
        found = pool.map(tag, [(path, graphs) for path in paths], chunksize=1)
        wall = time.perf_counter() - started
    audio = sum(one[0] for one in found)
    rates = sorted(one[0] / one[2][0] for one in found)
    cpu = sum(one[1] + sum(one[2]) for one in found)
    report = {
        "what": "MonoLoader 16 kHz (quality 4), TensorflowPredictMusiCNN hop 187, the same "
        f"{len(graphs)} networks; no tempo, key, moods",
        "version": version("essentia-tensorflow"),
        "processes": processes,
        "audio_s": round(audio, 1),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "audio_per_wall": round(audio / wall, 1),
        "audio_per_cpu": round(audio / cpu, 1),
        "network_audio_per_cpu": round(rates[len(rates) // 2], 1),
        "means": probed[0][3][0],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
