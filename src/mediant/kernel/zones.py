"""Time zones by their IANA names, and which of them this machine keeps."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mediant.errors import Invalid

UTC = "UTC"
ETC = Path("/etc")

_ROOT = "zoneinfo/"
_MINUTE = timedelta(minutes=1)


def get_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; Invalid for what is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        text = f"There is no time zone named {name!r}."
        raise Invalid(text, remedy="Names look like Europe/Berlin.") from unknown


def is_zone(name: str) -> bool:
    """Whether a zone has this name."""
    try:
        get_zone(name)
    except Invalid:
        return False
    return True


def server_zone(wished: str, tz: str | None, etc: Path = ETC) -> str:
    """The wished zone, else the machine's, else UTC; `tz` and `etc` as for `machine_zone`."""
    return wished or machine_zone(tz, etc) or UTC


def machine_zone(tz: str | None, etc: Path = ETC) -> str | None:
    """The name of the zone in which this machine tells the time, or None where it has none.

    As the C library looks for it: the variable TZ (`tz`), then `/etc/localtime`; without either it
    is UTC. None for rules instead of a name (`CET-1CEST`), and for a file that is no link and like
    none of the known ones.
    """
    if tz is not None:
        return _named(tz.removeprefix(":")) if tz else UTC
    local = etc / "localtime"
    if not local.exists():
        return UTC
    return _by_link(local) or _by_content(local, etc / "timezone")


def to_epoch(local: datetime, zone: ZoneInfo) -> float:
    """Epoch seconds of a time on the zone's clocks.

    Of an hour that comes twice the first counts. A time that is skipped becomes the minute in
    which the clocks go on: the end of the gap.
    """
    moment = local.replace(tzinfo=zone, fold=0)
    if _is_told(moment, zone):
        return moment.timestamp()
    moment = moment.replace(second=0, microsecond=0)
    while not _is_told(moment, zone):
        moment += _MINUTE  # on the clock's face, for both sides have the same zone
    return moment.timestamp()


def _is_told(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks ever show this."""
    shown = datetime.fromtimestamp(moment.timestamp(), zone)
    return shown.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _named(text: str) -> str | None:
    """The name in a name or in the path of a zone's file."""
    name = text.rpartition(_ROOT)[2] if text.startswith("/") else text
    return name if is_zone(name) else None


def _by_link(local: Path) -> str | None:
    if not local.is_symlink():
        return None
    # The link's own words come first: the file that they name may be a link to an older name.
    ways = (str(local.readlink()), os.path.realpath(local))
    names = (way.rpartition(_ROOT)[2] for way in ways if _ROOT in way)
    return next((name for name in names if is_zone(name)), None)


def _by_content(local: Path, told: Path) -> str | None:
    """The zone whose file has the same content; the one that `told` holds goes first."""
    try:
        content = local.read_bytes()
    except OSError:
        return None
    first = told.read_text(errors="replace").strip() if told.is_file() else ""
    for name in [first, *sorted(available_timezones())]:
        if name and is_zone(name) and content in _contents(name):
            return name
    return None


def _contents(name: str) -> list[bytes]:
    files = (Path(folder) / name for folder in TZPATH)
    return [file.read_bytes() for file in files if file.is_file()]
