"""The match's work: read the fingerprints of new files. Runs in a worker process."""

from typing import Any

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.library.fingerprint import read_fingerprint


def run(payload: Payload, watch: Watch, _tools: Toolbox) -> dict[str, Any]:
    """`prints`: [file id, 16 bytes] of each file that could be read; the others are left out."""
    prints: list[tuple[int, bytes]] = []
    for done, (file_id, path) in enumerate(payload["files"]):
        watch.stop_if_cancelled()
        try:
            prints.append((file_id, read_fingerprint(f"{payload['root']}/{path}")))
        except OSError as failed:
            watch.log("warning", f"{path} could not be read: {failed.strerror}.")
        watch.report(done / len(payload["files"]), "reading")
    return {"prints": prints}
