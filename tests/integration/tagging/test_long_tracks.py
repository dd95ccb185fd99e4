"""The longest track that the settings allow, in a process of its own, under a memory budget."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mediant.settings.model import TaggingSettings
from mediant.testing.media import MediaFactory

MOST_MIB = 600

SCRIPT = """
import json, sys
from pathlib import Path
from mediant.tagging.pipeline import analyse
from mediant.tagging.tools import open_tools

def peak_mib(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

with open_tools(Path(sys.argv[1])) as tools:
    for path in sys.argv[2:]:  # the first loads the networks, which stay
        track = analyse(Path(path), tools)
    peaks = {"worker": peak_mib("self"), "decoder": peak_mib(tools.sandbox.pid)}
print(json.dumps({"duration_s": track.recording.duration_s, **peaks}))
"""


@pytest.mark.slow
@pytest.mark.models
def test_the_longest_track_fits_into_the_memory_of_a_worker(
    media: MediaFactory, pulled_models: Path
) -> None:
    longest = TaggingSettings().max_duration_s
    path = media.tone("mix.flac", longest, rate=44_100)
    first = media.song("short.flac")
    command = [sys.executable, "-c", SCRIPT, str(pulled_models), str(first), str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(found)
    assert found["duration_s"] == pytest.approx(longest, abs=1)
    assert found["worker"] + found["decoder"] < MOST_MIB
