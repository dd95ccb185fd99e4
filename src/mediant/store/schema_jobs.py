"""Tables of the jobs: job, job_log, job_count, job_pause, worker, schedule."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text, text

from mediant.store.schema import metadata
from mediant.store.types import Id, Moment

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("uuid", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("run_at", Moment, nullable=False),
    Column("dedup_key", Text),
    Column("parent_id", Id),
    Column("root_id", Id),
    Column("children_left", Integer, nullable=False, server_default=text("0")),
    Column("children_failed", Integer, nullable=False, server_default=text("0")),
    Column("payload", Text, nullable=False, server_default=text("'{}'")),
    Column("again", Text),
    Column("result", Text),
    Column("next_id", Id),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("deaths", Integer, nullable=False, server_default=text("0")),
    Column("server_deaths", Integer, nullable=False, server_default=text("0")),
    Column("max_tries", Integer, nullable=False, server_default=text("1")),
    Column("owner", Text),
    Column("worker", Text),
    Column("device", Text),
    Column("cancel", Integer, nullable=False, server_default=text("0")),
    Column("progress", Double, nullable=False, server_default=text("0")),
    Column("stage", Text),
    Column("eta_s", Double),
    Column("error_code", Text),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    sqlite_autoincrement=True,
)
"""`asset` of an error stands inside `error`. A job without a parent has no root_id (it is its own
root). `deaths` are of workers, and of servers while it ran alone; `server_deaths` those of servers
while it ran beside others (jobs/suspicion.py). `again` is the payload of a stronger wish that came
while the job ran; `next_id` is the job that took such a wish up."""

_done = text("state = 'done'")
_queued = text("state = 'queued'")
_running = text("state = 'running'")
_live = text("dedup_key IS NOT NULL AND state IN ('queued', 'running')")
_ended = text("state IN ('done', 'failed', 'cancelled')")

Index(
    "job_claim",
    job.c.lane,
    job.c.priority.desc(),
    job.c.id,
    sqlite_where=_queued,
    postgresql_where=_queued,
)
Index("job_running", job.c.owner, sqlite_where=_running, postgresql_where=_running)
Index(
    "job_dedup",
    job.c.kind,
    job.c.dedup_key,
    unique=True,
    sqlite_where=_live,
    postgresql_where=_live,
)
Index(
    "job_parent",
    job.c.parent_id,
    sqlite_where=text("parent_id IS NOT NULL"),
    postgresql_where=text("parent_id IS NOT NULL"),
)
Index(
    "job_tree",
    job.c.root_id,
    sqlite_where=text("root_id IS NOT NULL"),
    postgresql_where=text("root_id IS NOT NULL"),
)
Index(
    "job_ended",
    job.c.state,
    job.c.finished_at,
    sqlite_where=_ended,
    postgresql_where=_ended,
)
Index("job_state", job.c.state, job.c.id)
Index(
    "job_done",
    job.c.kind,
    job.c.finished_at,
    sqlite_where=_done,
    postgresql_where=_done,
)

job_log = Table(
    "job_log",
    metadata,
    Column("job_id", Id, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("ts", Moment, nullable=False),
    Column("level", Text, nullable=False),
    Column("text", Text, nullable=False),
)

job_count = Table(
    "job_count",
    metadata,
    Column("state", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("n", Integer, nullable=False),
)
"""Kept in the transaction that moves a state, because GROUP BY over a million rows is slow."""

job_pause = Table(
    "job_pause",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)
"""`all`, `lane:<lane>` or `kind:<kind>`: nothing of that scope is claimed."""

worker = Table(
    "worker",
    metadata,
    Column("name", Text, primary_key=True),
    Column("node", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("device", Text),
    Column("pid", Integer),
    Column("state", Text, nullable=False),
    Column("job_id", Id),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False, server_default=text("'{}'")),
    Column("cron", Text, nullable=False),
    Column("tz", Text, nullable=False, server_default=text("'UTC'")),
    Column("enabled", Integer, nullable=False, server_default=text("1")),
    Column("next_run", Moment, nullable=False),
    Column("last_run", Moment),
)
