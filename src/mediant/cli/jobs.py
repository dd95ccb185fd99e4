"""`mediant jobs`: the queue."""

import re
from typing import Annotated, Any

import typer

from mediant.cli import schedules
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure, is_skipped
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.cli.waiting import describe
from mediant.jobs.job import JobState
from mediant.kernel.units import count

app = typer.Typer(add_completion=False, invoke_without_command=True)
app.add_typer(schedules.app, name="schedules")

SAID = ("paused", "server")
"""Causes that the list tells in its own words, or that everyone knows who started no server."""

Number = Annotated[int, typer.Argument(help="The job's id.")]
SCOPE = re.compile(r"all|(lane|kind):[\w.-]+")


def _check_scope(scope: str) -> str:
    if SCOPE.fullmatch(scope) is None:
        raise typer.BadParameter(f"{scope!r} is not all, lane:<lane> or kind:<kind>.")
    return scope


Scope = Annotated[
    str, typer.Argument(help="all, lane:<lane> or kind:<kind>.", callback=_check_scope)
]


@app.callback()
def list_newest(
    ctx: typer.Context,
    state: Annotated[
        JobState | None,
        typer.Option(help="Only jobs in this state; skipped ones are among the failed."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest jobs, and how many there are in each state."""
    if ctx.invoked_subcommand:
        return
    with open_door(ctx.obj) as door:
        params = {"state": state, "kind": kind, "limit": limit}
        page = door.call("GET", "/jobs", params=params)
        counts = door.call("GET", "/jobs/counts", params={"kind": kind})
    if as_json:
        print_json({**page, **counts})
        return
    print_table(("id", "kind", "state", "stage", "done", "about"), map(_row, page["items"]))
    ctx.obj.say(", ".join(f"{n} {name}" for name, n in _counts(counts).items()))
    if counts["paused"]:
        ctx.obj.say(f"paused: {', '.join(counts['paused'])}")
    found = counts["waiting_for"]
    if found is not None and found["cause"] not in SAID and counts["counts"]["queued"]:
        ctx.obj.say(describe(found))


def _counts(counts: Any) -> dict[str, int]:
    """Jobs by state, those that skipped their file apart from the failed."""
    by_state: dict[str, int] = counts["counts"]
    skipped: int = counts["skipped"]
    return {**by_state, "failed": by_state["failed"] - skipped, "skipped": skipped}


def _row(job: Any) -> tuple[Any, ...]:
    share = f"{job['progress']:.0%}" if job["state"] == "running" else ""
    about = job["error"] or job["payload"].get("path") or ""
    state = "skipped" if is_skipped(job) else job["state"]
    return job["id"], job["kind"], state, job["stage"], share, about


@app.command()
def show(ctx: typer.Context, job: Number, as_json: AsJson = False) -> None:
    """Show one job and its log."""
    with open_door(ctx.obj) as door:
        found = door.call("GET", f"/jobs/{job}")
        held = found["waiting_for"]
        lines = door.call("GET", f"/jobs/{job}/log")["items"]
    if as_json:
        print_json({**found, "log": lines})
        return
    if held is not None:
        found["waiting_for"] = describe(held).removeprefix("waiting: ")
    if is_skipped(found):
        found["state"] = "skipped"
    print_table(("field", "value"), ((k, v) for k, v in found.items() if v not in (None, {}, "")))
    print_table(("when", "level", "text"), ((x["ts"], x["level"], x["text"]) for x in lines))


@app.command()
def watch(ctx: typer.Context, job: Number) -> None:
    """Follow one job to its end."""
    options: Options = ctx.obj
    with open_door(options, works=True) as door:
        ended = follow(door, [job], f"Job {job}", quiet=options.is_quiet)[0]
    state = "skipped" if is_skipped(ended) else ended["state"]
    ctx.obj.say(f"{state}: {ended['error'] or 'ended well'}")
    if is_failure(ended):
        raise typer.Exit(1)


@app.command()
def retry(ctx: typer.Context, job: Number) -> None:
    """Queue a failed or cancelled job once more."""
    with open_door(ctx.obj) as door:
        door.call("POST", f"/jobs/{job}/retry")
    ctx.obj.say(f"Job {job} is queued again.")


@app.command()
def cancel(ctx: typer.Context, job: Number) -> None:
    """Stop a job and everything below it."""
    with open_door(ctx.obj) as door:
        cancelled = door.call("POST", f"/jobs/{job}/cancel")["cancelled"]
    ctx.obj.say(f"{count(cancelled, 'job')} cancelled or asked to stop.")


@app.command()
def remove(ctx: typer.Context, job: Number) -> None:
    """Forget a job that does not run."""
    with open_door(ctx.obj) as door:
        door.call("DELETE", f"/jobs/{job}")
    ctx.obj.say(f"Job {job} is forgotten.")


@app.command()
def clean(
    ctx: typer.Context,
    hours: Annotated[float, typer.Option(min=0, help="Only those that ended earlier.")] = 168,
    state: Annotated[list[JobState] | None, typer.Option(help="Only these states.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count them, remove none.")] = False,
) -> None:
    """Remove jobs that have ended."""
    body: dict[str, Any] = {"older_than_s": hours * 3600, "dry_run": dry_run}
    if state:
        body["states"] = state
    with open_door(ctx.obj) as door:
        removed = door.call("POST", "/jobs/cleanup", body=body)["removed"]
    ctx.obj.say(f"{count(removed, 'job')} {'would be removed' if dry_run else 'removed'}.")


@app.command()
def pause(ctx: typer.Context, scope: Scope = "all") -> None:
    """Start nothing more; what runs goes on to its end."""
    with open_door(ctx.obj) as door:
        paused = door.call("POST", "/jobs/pause", body={"scope": scope})["paused"]
    ctx.obj.say(f"paused: {', '.join(paused)}")


@app.command()
def resume(ctx: typer.Context, scope: Scope = "all") -> None:
    """Take a pause back."""
    with open_door(ctx.obj) as door:
        paused = door.call("POST", "/jobs/resume", body={"scope": scope})["paused"]
    ctx.obj.say(f"paused: {', '.join(paused) or 'nothing'}")
