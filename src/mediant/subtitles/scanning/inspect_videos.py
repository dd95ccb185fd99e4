"""Looking into some media files of a scan, in a worker process."""

import os
from collections.abc import Sequence
from typing import Any

from mediant.errors import MediaError
from mediant.jobs.job import Payload
from mediant.jobs.sandbox import Sandbox
from mediant.jobs.watch import Toolbox, Watch
from mediant.subtitles.inspection.inspect import inspect_video, open_sandbox
from mediant.subtitles.scanning.beside import Surroundings

IDLE_S = 60.0


def run(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:
    """Inspect the files of `ScanJobs.prepare_look`'s payload; those that are gone are left out.

    A file that cannot be read is told with its code and sentence: it is no failure of the job.
    """
    sandbox = tools.get("video inspection", open_sandbox, IDLE_S)
    around = Surroundings(payload["roots"])
    known, looks = set(payload["known"]), []
    for n, (path, size, mtime_ns) in enumerate(payload["files"]):
        watch.stop_if_cancelled()
        watch.report(n / len(payload["files"]), os.path.basename(path))  # noqa: PTH119
        now = (size, mtime_ns) if path in known else _stat(path)
        if now is not None:
            facts = {} if path in known else _inspect(path, sandbox)
            looks.append([path, *now, facts, around.of(path).to_list()])
    return {"looks": looks}


def _stat(path: str) -> Sequence[int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 (text in, text out)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _inspect(path: str, sandbox: Sandbox) -> dict[str, Any]:
    """The facts, or code and text of the error; one that may pass is not to be kept."""
    facts: dict[str, Any] = {"video": None, "code": None, "text": None, "may_pass": False}
    try:
        return {**facts, "video": inspect_video(path, sandbox).to_dict()}
    except MediaError as error:
        told = {"code": error.code, "text": error.text, "may_pass": error.transient}
        return {**facts, **told}
