"""Nothing that runs here tells anybody: libraries that would leave their traces below HOME."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.integration.cli.shell import Shell

from mediant.kernel.telemetry import SWITCHES
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone

OPEN = "from pathlib import Path; from mediant.models.runtime import open_network;"
ACCELERATORS = [
    "onnxruntime",
    pytest.param(
        "openvino", marks=pytest.mark.skipif(not find_spec("openvino"), reason="an extra")
    ),
]


@pytest.fixture(autouse=True)
def nobody_is_silenced(hermetic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where nobody thought of it."""
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)


def traces() -> list[Path]:
    """What lies in the empty home that each test has. Mediant's own folder is elsewhere."""
    return [path for path in Path.home().rglob("*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_tagging_leaves_no_trace_of_telemetry(
    shell: Shell, media: MediaFactory, accelerator: str
) -> None:
    shell.environ["MEDIANT_TAGGING__ACCELERATOR"] = accelerator
    try:
        done = shell.well("tag", media.song("song.mp3", seconds=10))
    finally:
        del shell.environ["MEDIANT_TAGGING__ACCELERATOR"]
    assert "song.mp3" in done.out
    assert traces() == []


@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_opening_a_network_leaves_none_either(tmp_path: Path, accelerator: str) -> None:
    graph = write_backbone(tmp_path, "msd-musicnn")
    opened = f"open_network(Path({str(graph)!r}), accelerator={accelerator!r})"
    subprocess.run([sys.executable, "-c", f"{OPEN} {opened}.close()"], check=True)
    assert traces() == []


def test_hearing_voices_leaves_none_either() -> None:
    """faster-whisper imports ONNX Runtime by itself; its processes are silenced as they start."""
    hear = (
        "from mediant.kernel.telemetry import silence_libraries; silence_libraries();"
        "import numpy; from faster_whisper.vad import get_speech_timestamps;"
        "get_speech_timestamps(numpy.zeros(32000, numpy.float32))"
    )
    subprocess.run([sys.executable, "-c", hear], check=True)
    assert traces() == []


def test_a_process_says_that_it_is_silent() -> None:
    """Workers and sandboxes silence themselves, whoever started them."""
    for module in ("mediant.jobs.worker", "mediant.jobs.sandbox_child"):
        ask = (
            f"import os, sys, {module} as m\n"
            "try: m.main([])\n"
            "except (ValueError, IndexError): pass\n"
            "print(*sorted(k for k in os.environ), sys.modules.get('openvino_telemetry', 0))"
        )
        done = subprocess.run(
            [sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=_plain()
        )
        names = done.stdout.split()
        assert set(SWITCHES) <= set(names)
        assert names[-1] == "None"


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SWITCHES}
