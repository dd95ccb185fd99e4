"""What a worker does for this room: fetch models. No database here."""

from pathlib import Path
from typing import Any

from mediant.jobs.job import Payload
from mediant.jobs.watch import Toolbox, Watch
from mediant.models.models import Models
from mediant.models.step import PullStep, Transfer


def run(payload: Payload, watch: Watch, tools: Toolbox) -> dict[str, Any]:  # noqa: ARG001
    """Fetch, convert and install; one line in the job's log for each thing done."""

    def tell(step: PullStep) -> None:
        watch.stop_if_cancelled()
        if isinstance(step, Transfer):
            stage = f"fetching {step.model}: {step.text}"
            watch.report(step.fraction, stage, step.left_s)
        else:
            watch.log("info", f"{step.model}: {step.text}")

    watch.report(0.0, "pull")
    installed = Models(Path(payload["folder"])).pull(payload["names"], tell)
    return {"installed": list(installed)}
