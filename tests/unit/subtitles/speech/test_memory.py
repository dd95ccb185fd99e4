"""Memory settings of the C library: what is freed is used again, and given back when asked."""

import json
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, json, resource, sys, threading
import numpy as np
from mediant.subtitles.speech.memory import give_back, keep_freed

MIB = 1 << 20
PR_SET_THP_DISABLE = 41
# Huge pages, where the machine has some to spare, would make faults few in every case.
ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


def read_resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / MIB


def count_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


kept = keep_freed() if sys.argv[1] == "kept" else None
found = {"kept": kept, "faults": []}


def fill():
    for _ in range(4):
        before = count_faults()
        np.ones(96 * MIB, np.uint8)
        found["faults"].append(count_faults() - before)


thread = threading.Thread(target=fill)
thread.start()
thread.join()
found["resident_before"] = read_resident()
give_back()
found["resident_after"] = read_resident()
print(json.dumps(found))
"""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc")


def measure(how):
    command = [sys.executable, "-c", PROGRAM, how]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_freed_memory_is_used_again_by_a_thread_and_given_back_when_asked():
    found = measure("kept")
    assert found["kept"] is True
    assert max(found["faults"][1:]) < found["faults"][0] / 20
    assert found["resident_after"] < found["resident_before"] - 80


def test_without_the_settings_each_block_comes_from_the_kernel_anew():
    found = measure("as it comes")
    assert min(found["faults"][1:]) > found["faults"][0] / 2
