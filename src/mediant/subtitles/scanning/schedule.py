"""Scans by the clock: what the settings ask for, kept as one schedule of the server."""

from mediant.errors import NotFound
from mediant.jobs.job import Payload
from mediant.jobs.schedule import Schedule, Schedules
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.scanning.scan_jobs import SCAN

NAME = "subtitles scan"


def schedule_line(settings: SubtitlesSettings) -> str:
    """When scans come: `scheduled_cron`, else the interval, else `scanner_cron`, else the last
    fallback. A cron line, or `@every 360m`."""
    if settings.scheduled_cron:
        return settings.scheduled_cron
    if settings.scanner_schedule_interval_minutes:
        return f"@every {settings.scanner_schedule_interval_minutes}m"
    return settings.scanner_cron or f"@every {settings.scan_interval_minutes}m"


def describe(line: str) -> str:
    """For people: `every 360 minutes`, or `cron 0 2 * * *`."""
    minutes = line.removeprefix("@every ").removesuffix("m")
    return f"every {minutes} minutes" if line.startswith("@") else f"cron {line}"


class ScanSchedule:
    """Keeps the schedule as the settings want it. Cron lines are in the server's time zone."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    def follow(self, settings: SubtitlesSettings) -> None:
        """Make, change or remove the schedule; one that is right already goes on as it is, so
        that a restart does not put the next scan off."""
        found, payload = self.find(), _payload(settings)
        line = schedule_line(settings)
        is_wanted = wants_schedule(settings)
        if found is not None and not (is_wanted and self._is_right(found, line, payload)):
            self._schedules.remove(NAME)
            found = None
        if is_wanted and found is None:
            self._schedules.add(NAME, SCAN, line, payload=payload)

    def _is_right(self, found: Schedule, line: str, payload: Payload) -> bool:
        """Whether it comes as it shall. An interval is the same in every zone."""
        is_same = (found.cron, found.payload, found.enabled) == (line, payload, True)
        return is_same and (line.startswith("@") or found.tz == self._schedules.zone)

    def find(self) -> Schedule | None:
        """The schedule, if there is one."""
        try:
            return self._schedules.get(NAME)
        except NotFound:
            return None


def wants_schedule(settings: SubtitlesSettings) -> bool:
    """Whether scans shall come by the clock."""
    return settings.auto_scan_enabled and settings.scanner_enabled and settings.is_standalone


def _payload(settings: SubtitlesSettings) -> Payload:
    return {
        "paths": settings.scheduled_paths or None,
        "is_recursive": settings.scheduled_recursive,
        "origin": "schedule",
    }
