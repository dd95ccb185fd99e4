"""How the settings staff the lanes of speech."""

import pytest

from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.workers import wish_lanes


def speech(**settings):
    return wish_lanes(SubtitlesSettings(**settings))["speech"]


@pytest.mark.parametrize(
    ("settings", "devices"),
    [
        ({}, (None,)),
        ({"worker_auto_start_count": 3}, (None, None, None)),
        ({"worker_auto_start_count": 2, "worker_auto_start_type": "gpu"}, ("cuda:0", "cuda:1")),
        ({"worker_cpu_count": 1, "worker_gpu_count": 2}, ("cuda:0", "cuda:1", None)),
        ({"worker_gpu_count": 1, "worker_auto_start_count": 5}, ("cuda:0",)),
        ({"worker_auto_start_count": 0}, ()),
    ],
)
def test_as_many_seats_as_are_set(settings, devices):
    assert speech(**settings).devices == devices


@pytest.mark.parametrize(
    ("settings", "rest_s"),
    [
        ({}, 10.0),
        ({"model_idle_s": 3}, 3.0),
        ({"model_idle_s": 0}, 10.0),
        ({"clear_vram_on_complete": False}, 30.0),
        ({"clear_vram_on_complete": False, "model_idle_s": 0}, None),
    ],
)
def test_memory_comes_back_when_there_is_nothing_to_do(settings, rest_s):
    assert speech(**settings).rest_s == rest_s
    assert wish_lanes(SubtitlesSettings(**settings))["detect"].rest_s == rest_s


def test_every_setting_of_workers_acts():
    wish = speech(
        concurrent_transcriptions=7, worker_auto_restart=False, worker_healthcheck_interval=9
    )
    assert (wish.running, wish.restarts, wish.check_s, wish.is_lazy) == (7, False, 9.0, True)
    detect = wish_lanes(SubtitlesSettings())["detect"]
    assert (detect.devices, detect.running, detect.is_lazy) == ((None,), None, True)
