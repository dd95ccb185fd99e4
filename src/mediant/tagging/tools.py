"""What the stages work with, made once and used for many tracks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mediant.jobs.sandbox import Sandbox
from mediant.models.registry import Suite, discover
from mediant.settings.model import TaggingSettings
from mediant.tagging.calibrate import Calibration
from mediant.tagging.compose import Terms
from mediant.tagging.decode import DecodeLimits
from mediant.tagging.moods import MoodOptions
from mediant.tagging.networks import Networks
from mediant.tagging.spans import built_in_calibration
from mediant.tagging.writeback import WritePlan

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Tools:
    """Networks, sandbox, settings and calibration of one worker."""

    networks: Networks
    sandbox: Sandbox
    settings: TaggingSettings
    calibration: Calibration = field(default_factory=built_in_calibration)
    write: WritePlan | None = None
    """None: the file is not touched."""

    @property
    def suite(self) -> Suite:
        """The installed models."""
        return self.networks.suite

    @property
    def limits(self) -> DecodeLimits:
        """What decoding may cost."""
        return DecodeLimits(
            min_duration_s=self.settings.min_duration_s,
            max_duration_s=self.settings.max_duration_s,
            allow_short=self.settings.allow_short,
        )

    @property
    def terms(self) -> Terms:
        """What scores become words by."""
        return make_terms(self.suite, self.settings, self.calibration)


def make_terms(suite: Suite, settings: TaggingSettings, calibration: Calibration) -> Terms:
    """The terms of these models, settings and calibration."""
    wishes = MoodOptions(
        exclude_heads=frozenset(settings.mood_exclude_heads),
        negatives=settings.write_negative_moods,
    )
    return Terms(calibration, wishes, suite.version)


def make_sandbox(settings: TaggingSettings) -> Sandbox:
    """The decoder's process, under the limits of the settings."""
    return Sandbox(
        memory_bytes=settings.decode_memory_mb * MEBIBYTE, timeout_s=settings.decode_timeout_s
    )


def make_networks(models_folder: Path, settings: TaggingSettings) -> Networks:
    """The networks of a models folder."""
    return Networks(discover(models_folder), settings.accelerator)


@contextmanager
def open_tools(models_folder: Path, settings: TaggingSettings | None = None) -> Iterator[Tools]:
    """Tools for use in this process; closed at the end of the block."""
    wanted = settings or TaggingSettings()
    networks = make_networks(models_folder, wanted)
    try:
        with make_sandbox(wanted) as sandbox:
            yield Tools(networks, sandbox, wanted)
    finally:
        networks.close()
