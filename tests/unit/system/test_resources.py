"""What this machine is said to have is what it has."""

import os
from pathlib import Path

import psutil
import pytest

from mediant.errors import NotFound
from mediant.system.resources import list_gpus, read_gpu, read_memory, read_processors

HAS_NVIDIA = any(Path("/dev").glob("nvidia[0-9]*"))


def test_the_processors_are_counted() -> None:
    found = read_processors()
    assert found.count_logical == os.cpu_count()
    assert 0.0 <= found.usage_percent <= 100.0
    assert found.count_physical is None or found.count_physical <= found.count_logical


def test_memory_adds_up() -> None:
    found = read_memory()
    assert found.total == psutil.virtual_memory().total
    assert found.used + found.free == found.total
    assert 0 < found.free < found.total


@pytest.mark.skipif(HAS_NVIDIA, reason="has a GPU")
def test_without_a_driver_there_is_no_gpu() -> None:
    assert list_gpus() == []
    with pytest.raises(NotFound):
        read_gpu(0)


@pytest.mark.skipif(not HAS_NVIDIA, reason="has no GPU")
def test_each_gpu_is_told() -> None:
    gpus = list_gpus()
    assert [one.id for one in gpus] == list(range(len(gpus)))
    for gpu in gpus:
        assert gpu.memory_used + gpu.memory_free <= gpu.memory_total
        assert read_gpu(gpu.id).name == gpu.name
    with pytest.raises(NotFound):
        read_gpu(len(gpus))
