"""The sandbox: what its child may do, how it dies, and that only the child dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mediant.errors import Cancelled, MediaError
from mediant.jobs.sandbox import Sandbox, SandboxDied, SandboxRaised
from mediant.testing.processes import is_alive
from mediant.testing.waiting import PATIENCE_S, wait_until

ACTS = """
import ctypes, mmap, os, resource, signal, sys, time
from mediant.errors import MediaError, NotFound

def add(a, b): return a + b
def pid(): return os.getpid()
def environment(): return dict(os.environ)
def limits(): return {n: resource.getrlimit(getattr(resource, n))[0] for n in
                      ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU")}
def modules(): return sorted(sys.modules)
def parts(n, size):
    for i in range(n):
        yield bytes([i % 256]) * size
    yield {"n": n}
def endless():
    while True:
        yield b"x" * 1000
def segfault(): ctypes.string_at(0)
def leave(): print("I had enough"); sys.stdout.flush(); os._exit(3)
def hold(size): return len(bytearray(size))
def creep():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
def share(size): return len(mmap.mmap(-1, size))
def spin():
    while True: pass
def rest(seconds): time.sleep(seconds); return "rested"
def begin_and_rest(seconds): yield b"begun"; time.sleep(seconds)
def refuse(): raise MediaError("corrupt", "bad", asset="/a.mp3", remedy="buy it")
def lack(): raise NotFound("no such thing", asset="x")
def fail(): raise KeyError("what")
def unsendable(): return object()
def write(path, size):
    with open(path, "wb") as file: file.write(b"x" * size)
def babble():
    import socket
    for fd in range(3, 4096):
        try: os.write(fd, b"\\xff" * 64)
        except OSError: pass
    time.sleep(60)
"""

MEMORY = 200 << 20


@pytest.fixture(scope="module")
def acts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A module `sandbox_acts` that the child can import."""
    folder = tmp_path_factory.mktemp("acts")
    (folder / "sandbox_acts.py").write_text(ACTS)
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture
def sandbox(acts: None) -> Iterator[Sandbox]:
    with Sandbox(memory_bytes=MEMORY, timeout_s=PATIENCE_S) as box:
        yield box


def test_it_runs_a_function_in_another_process_that_stays(sandbox: Sandbox) -> None:
    assert sandbox.call("sandbox_acts:add", 2, 3) == 5
    assert sandbox.call("sandbox_acts:pid") == sandbox.pid != os.getpid()
    assert sandbox.call("sandbox_acts:pid") == sandbox.pid


def test_the_child_is_small_and_imports_no_decoder(sandbox: Sandbox) -> None:
    loaded = sandbox.call("sandbox_acts:modules")
    memory = psutil.Process(sandbox.pid).memory_info().rss
    print(f"resident memory of an idle child: {memory / 2**20:.1f} MiB")
    assert not {"av", "numpy", "pydantic", "sqlalchemy"} & set(loaded)
    assert memory < 25 << 20


def test_parts_arrive_in_order_and_whole(sandbox: Sandbox) -> None:
    got: list[object] = []
    assert sandbox.call("sandbox_acts:parts", 20, 1_000_000, on_part=got.append) is None
    assert got == [bytes([i]) * 1_000_000 for i in range(20)] + [{"n": 20}]


def test_an_error_of_mediant_comes_back_as_itself(sandbox: Sandbox) -> None:
    before = sandbox.pid
    with pytest.raises(MediaError, match="bad") as caught:
        sandbox.call("sandbox_acts:refuse")
    error = caught.value
    assert (error.code, error.asset, error.remedy) == ("corrupt", "/a.mp3", "buy it")
    with pytest.raises(Exception, match="no such thing") as other:
        sandbox.call("sandbox_acts:lack")
    assert type(other.value).__name__ == "NotFound"
    assert sandbox.pid == before


def test_any_other_error_keeps_its_words_and_its_traceback(sandbox: Sandbox) -> None:
    before = sandbox.pid
    with pytest.raises(SandboxRaised, match="KeyError: 'what'") as caught:
        sandbox.call("sandbox_acts:fail")
    assert "sandbox_acts.py" in caught.value.trace
    with pytest.raises(SandboxRaised, match="object"):
        sandbox.call("sandbox_acts:unsendable")
    with pytest.raises(SandboxRaised, match="No module named"):
        sandbox.call("nowhere:nothing")
    assert sandbox.pid == before


@pytest.mark.parametrize(
    ("act", "arguments", "kind", "words"),
    [
        ("segfault", [], "crash", "SIGSEGV"),
        ("leave", [], "crash", "status 3. I had enough"),
        ("hold", [2 * MEMORY], "memory", "200 MiB"),
        ("creep", [], "memory", "200 MiB"),
        ("share", [MEMORY + (600 << 20)], "memory", "200 MiB"),
        ("babble", [], "crash", "nonsense"),
    ],
)
def test_a_death_is_named_and_only_the_child_dies(
    sandbox: Sandbox, act: str, arguments: list[int], kind: str, words: str
) -> None:
    before = sandbox.pid
    with pytest.raises(SandboxDied, match=words) as caught:
        sandbox.call(f"sandbox_acts:{act}", *arguments)
    assert caught.value.kind == kind
    assert not psutil.pid_exists(before)
    assert sandbox.pid != before
    assert sandbox.call("sandbox_acts:add", 1, 1) == 2


def test_half_of_the_memory_is_there_to_be_used(sandbox: Sandbox) -> None:
    assert sandbox.call("sandbox_acts:hold", MEMORY // 2) == MEMORY // 2


def test_files_are_bounded_too(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SandboxRaised, match="File too large"):
        sandbox.call("sandbox_acts:write", str(tmp_path / "big"), 5 << 20)


@pytest.mark.parametrize(("act", "arguments"), [("rest", [60]), ("spin", []), ("endless", [])])
def test_a_call_that_takes_too_long_is_killed(acts: None, act: str, arguments: list[int]) -> None:
    with Sandbox(memory_bytes=MEMORY, timeout_s=0.7) as box:
        with pytest.raises(SandboxDied, match=r"0\.7 s") as caught:
            box.call(f"sandbox_acts:{act}", *arguments)
        assert caught.value.kind == "timeout"


def test_after_a_call_that_took_too_long_another_child_works(acts: None) -> None:
    with Sandbox(memory_bytes=MEMORY, timeout_s=0.2) as box:
        before = box.pid
        with pytest.raises(SandboxDied, match=r"0\.2 s"):
            box.call("sandbox_acts:rest", 60)
        assert not psutil.pid_exists(before)
        box._timeout_s = PATIENCE_S  # a busy machine starts a child in more than that
        assert box.call("sandbox_acts:rest", 0) == "rested"


def test_cpu_time_is_limited_even_when_the_parent_sleeps(sandbox: Sandbox) -> None:
    limits = sandbox.call("sandbox_acts:limits")
    assert limits["RLIMIT_DATA"] == MEMORY
    assert limits["RLIMIT_AS"] == MEMORY + (512 << 20)
    assert limits["RLIMIT_CORE"] == 0
    assert PATIENCE_S < limits["RLIMIT_CPU"] <= PATIENCE_S + 10  # and what its start took


def test_cpu_time_counts_from_each_call(acts: None) -> None:
    with Sandbox(memory_bytes=MEMORY, timeout_s=60) as box:
        first = box.call("sandbox_acts:limits")["RLIMIT_CPU"]
        before = box.pid
        psutil.Process(before).rlimit(psutil.RLIMIT_CPU, (first - 20, psutil.RLIM_INFINITY))
        assert box.call("sandbox_acts:limits")["RLIMIT_CPU"] >= first
        assert box.pid == before


def test_a_child_killed_while_idle_is_replaced_without_an_error(sandbox: Sandbox) -> None:
    before = sandbox.pid
    os.kill(before, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before)], timeout=PATIENCE_S)
    assert sandbox.call("sandbox_acts:add", 4, 4) == 8
    assert sandbox.pid != before


def test_a_child_killed_at_work_is_a_crash(sandbox: Sandbox) -> None:
    def kill(_part: object) -> None:
        os.kill(sandbox.pid, signal.SIGKILL)

    with pytest.raises(SandboxDied, match="SIGKILL") as caught:
        sandbox.call("sandbox_acts:begin_and_rest", 60, on_part=kill)
    assert caught.value.kind == "crash"
    assert sandbox.call("sandbox_acts:add", 4, 4) == 8


def test_cancelling_between_parts_ends_the_call_at_once(sandbox: Sandbox) -> None:
    def stop(part: object) -> None:
        raise Cancelled

    before = sandbox.pid
    with pytest.raises(Cancelled):
        sandbox.call("sandbox_acts:endless", on_part=stop)
    assert not psutil.pid_exists(before)
    assert sandbox.call("sandbox_acts:add", 1, 2) == 3


def test_the_child_learns_no_secret_of_mediant(acts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIANT_API_KEY", "secret")
    with Sandbox(memory_bytes=MEMORY, timeout_s=PATIENCE_S) as box:
        assert "MEDIANT_API_KEY" not in box.call("sandbox_acts:environment")


def test_closing_ends_the_child(acts: None) -> None:
    box = Sandbox(memory_bytes=MEMORY, timeout_s=PATIENCE_S)
    child = psutil.Process(box.pid)
    box.close()
    assert not child.is_running()


@pytest.mark.parametrize("work", ["sandbox_acts:spin", "sandbox_acts:add"])
def test_a_parent_killed_with_9_leaves_no_child(acts: None, work: str) -> None:
    script = f"""
import sys
sys.path[:0] = {sys.path!r}
from mediant.jobs.sandbox import Sandbox
box = Sandbox(memory_bytes={MEMORY}, timeout_s=300)
box.call("sandbox_acts:add", 1, 1)
print(box.pid, flush=True)
box.call("{work}", *([] if "spin" in "{work}" else [1, 1]))
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
    wait_until(lambda: not is_alive(child))
