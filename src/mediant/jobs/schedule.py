"""Schedules: jobs that come again by the clock."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mediant.errors import Invalid, NotFound, Refused
from mediant.jobs.intake import Intake
from mediant.jobs.job import NewJob, Payload
from mediant.jobs.journal import Change
from mediant.jobs.kind import JobKind
from mediant.jobs.rows import to_json
from mediant.kernel.clock import now_s
from mediant.kernel.zones import UTC, get_zone, is_zone, to_epoch
from mediant.store.engine import Database
from mediant.store.schema_jobs import schedule as schedule_table

_columns = schedule_table.c
_EVERY = re.compile(r"@every ([1-9]\d{0,8})m")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that is enqueued by cron."""

    id: int
    name: str
    kind: str
    payload: Payload
    cron: str
    tz: str
    enabled: bool
    next_run: float
    last_run: float | None

    @property
    def next_at(self) -> datetime:
        """`next_run` on the clocks of its zone."""
        return self._tell(self.next_run)

    @property
    def last_at(self) -> datetime | None:
        """The same of `last_run`."""
        return None if self.last_run is None else self._tell(self.last_run)

    def _tell(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, get_zone(self.tz if is_zone(self.tz) else UTC))


def find_next(cron: str, tz: str, after: float) -> float:
    """The first moment after `after` (epoch seconds) that the cron line names in its zone.

    A line with hours of its own (`30 2 * * *`) goes by the clock on the wall: what falls into a
    skipped hour comes once, when the clocks go on, and a doubled hour counts the first time only.
    One whose minutes or hours begin with a star (`*/15 * * * *`, `0 */6 * * *`) goes by the time
    that passes: nothing in a skipped hour, everything again in a doubled one. `@every 90m` comes
    so many minutes after `after`, wherever the clock stands. Raises `Invalid` for a line or a zone
    that makes no sense, or that never comes.
    """
    if every := _EVERY.fullmatch(cron):
        return after + 60.0 * int(every[1])
    zone = get_zone(tz)
    try:
        return next(moment for moment in _moments(cron, zone, after) if moment > after)
    except CronSimError as bad:
        raise Invalid(f"This is not a cron line: {bad}.", asset=cron) from bad
    except StopIteration as never:
        raise Invalid("No day matches this cron line.", asset=cron) from never


def _moments(cron: str, zone: ZoneInfo, after: float) -> Iterator[float]:
    """Moments of the line from about `after` on. Those by the wall may begin earlier: in the
    second pass of a doubled hour its clock shows again what is over."""
    # Whole seconds: rounded up to a moment of the line, it would be passed over.
    start = datetime.fromtimestamp(math.floor(after), zone)
    if _goes_by_wall(cron):
        for local in CronSim(cron, start.replace(tzinfo=None)):
            yield to_epoch(local, zone)
    else:
        for moment in CronSim(cron, start):
            yield moment.timestamp()


def _goes_by_wall(cron: str) -> bool:
    """Whether neither minutes nor hours begin with a star; seconds may stand before them."""
    minutes_and_hours = cron.split()[-5:-3]
    return not any(part.startswith("*") for part in minutes_and_hours)


class Schedules:
    """The schedules of the server; the dispatcher fires them."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, JobKind],
        wake: Callable[[], None] | None = None,
        zone: str = UTC,
    ) -> None:
        """`zone` is that of the server, for cron lines without one."""
        self.zone = zone
        self._database = database
        self._kinds = kinds
        self._wake = wake

    def add(
        self, name: str, kind: str, cron: str, tz: str | None = None, payload: Payload | None = None
    ) -> Schedule:
        """A new schedule, in the server's zone if none is given. Invalid for an unknown kind, cron
        line or zone; Refused for a name that is taken."""
        tz = tz or self.zone
        if kind not in self._kinds:
            raise Invalid(f"There is no kind of job named {kind!r}.")
        values = {
            "name": name,
            "kind": kind,
            "payload": to_json(payload or {}),
            "cron": cron,
            "tz": tz,
            "next_run": find_next(cron, tz, now_s()),
        }
        try:
            with self._database.write() as tx:
                tx.execute(insert(schedule_table).values(values))
        except IntegrityError as taken:
            raise Refused("There is a schedule of this name.", asset=name) from taken
        self._ring()
        return self.get(name)

    def get(self, name: str) -> Schedule:
        """The schedule of this name; NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(schedule_table).where(_columns.name == name)).first()
        if row is None:
            raise NotFound("There is no such schedule.", asset=name)
        return _to_schedule(row)

    def list_schedules(self) -> list[Schedule]:
        """All, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(schedule_table).order_by(_columns.name)).all()
        return [_to_schedule(row) for row in rows]

    def remove(self, name: str) -> None:
        """Forget a schedule; its jobs stay. NotFound."""
        with self._database.write() as tx:
            gone = tx.execute(delete(schedule_table).where(_columns.name == name)).rowcount
        if not gone:
            raise NotFound("There is no such schedule.", asset=name)

    def enable(self, name: str, on: bool) -> None:
        """Switch a schedule on (from now on: nothing is made up for) or off. NotFound."""
        found = self.get(name)
        next_run = find_next(found.cron, found.tz, now_s()) if on else found.next_run
        values = {"enabled": int(on), "next_run": next_run}
        with self._database.write() as tx:
            tx.execute(update(schedule_table).where(_columns.name == name).values(values))
        self._ring()

    def has_due(self, now: float) -> bool:
        """Whether `fire` would do something. Cheap."""
        with self._database.read() as connection:
            query = select(func.min(_columns.next_run)).where(_columns.enabled == 1)
            earliest = connection.execute(query).scalar()
        return earliest is not None and earliest <= now

    def due(self, change: Change, intake: Intake, now: float) -> int:
        """Enqueue what is due, within a change; how many schedules were.

        However many slots were missed, one job is enqueued, under the key of the first of them.
        """
        wanted = select(schedule_table).where(_columns.enabled == 1, _columns.next_run <= now)
        found = [_to_schedule(row) for row in change.tx.execute(wanted.order_by(_columns.id))]
        for schedule in found:
            kind = self._kinds.get(schedule.kind)
            if kind is not None:
                key = kind.scheduled_key or f"sched:{schedule.id}:{schedule.next_run:.0f}"
                intake.put(change, [NewJob(schedule.kind, schedule.payload, dedup_key=key)])
            moved = {**_next_values(schedule, now), "last_run": now}
            this = update(schedule_table).where(_columns.id == schedule.id)
            change.tx.execute(this.values(moved))
        return len(found)

    def _ring(self) -> None:
        if self._wake is not None:
            self._wake()


def _next_values(schedule: Schedule, now: float) -> dict[str, float]:
    """When it comes next. One whose zone this machine no longer knows is switched off: it must
    not keep the others from coming."""
    try:
        return {"next_run": find_next(schedule.cron, schedule.tz, now)}
    except Invalid:
        return {"enabled": 0}


def _to_schedule(row: Row[Any]) -> Schedule:
    values = dict(row._mapping)
    values["payload"] = json.loads(values["payload"])
    values["enabled"] = bool(values["enabled"])
    return Schedule(**values)
