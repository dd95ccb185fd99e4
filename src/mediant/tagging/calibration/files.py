"""The files that tell of a calibration, for people and other programs. Mediant never needs them.

`<model>/<head>-calibration-v{N}.json` for each run, `<model>/<head>-calibration.json` for the
reference.
"""

import json
import re
from pathlib import Path
from typing import Any

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.kernel.flush import replace
from mediant.tagging.calibration.records import CalibrationRun, HeadCalibration

METHOD = "minmax"
PROJECTION = "projection"

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+|^\.+")


def file_of(model: str, head: str, version: int | None) -> Path:
    """The path below the folder; the reference without a version."""
    end = "" if version is None else f"-v{version}"
    return Path(_safe(model), f"{_safe(head)}-calibration{end}.json")


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name) or "_"


def describe(run: CalibrationRun, head: HeadCalibration) -> dict[str, Any]:
    """What the file of one head says."""
    labels = {
        one.label: {
            "method": METHOD,
            "samples": one.samples,
            "p5": one.p5,
            "p95": one.p95,
            "mean": one.mean,
            "std": one.deviation,
            "min": one.low,
            "max": one.high,
        }
        for one in head.labels
    }
    return {
        "calibration_version": head.version,
        "calibration_method": METHOD,
        "library_size": run.file_count,
        "min_samples": run.min_samples,
        "model": head.head_name,
        "model_version": head.head_version,
        "head_type": _find_type(head),
        "backbone": head.model_name,
        "labels": labels,
    }


def _find_type(head: HeadCalibration) -> str:
    """What can be told from the labels: a network's own metadata may be gone by now."""
    if head.model_name == PROJECTION:
        return PROJECTION
    names = {1: "single", 2: "pair"}
    return names.get(len(head.labels) + len(head.skipped), "many")


def list_files(run: CalibrationRun) -> list[tuple[str, str]]:
    """(path below the folder, content) of the files that a run leaves."""
    files = []
    for head in run.heads:
        text = json.dumps(describe(run, head), ensure_ascii=False, indent=2) + "\n"
        versions = [head.version, None] if head.reference_updated else [head.version]
        names = (file_of(head.model_name, head.head_name, version) for version in versions)
        files += [(str(name), text) for name in names]
    return files


def write(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, int]:
    """Write `files` below `folder`, each whole or not at all. Runs in a worker process."""
    folder = Path(payload["folder"])
    for done, (name, text) in enumerate(payload["files"]):
        watch.stop_if_cancelled()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, text.encode())
        watch.report(done / len(payload["files"]), "writing files")
    return {"files": len(payload["files"])}
