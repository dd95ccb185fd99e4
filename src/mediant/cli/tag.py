"""`mediant tag FILES…` and `mediant tag undo FILES…`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from mediant.cli.door import Door, open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.errors import Invalid, NotFound

RUN = "run"


class RunByDefault(TyperGroup):
    """`mediant tag FILE` means `mediant tag run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command in front of what is neither a command nor a plea for help."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [RUN, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(add_completion=False, cls=RunByDefault, no_args_is_help=True)

Paths = Annotated[list[Path], typer.Argument(help="Audio files or folders.")]
Mode = Literal["minimal", "full"]

WRITE_FIELDS = ("id", "state", "mode", "written_at")


@app.command(RUN)
def run(
    ctx: typer.Context,
    paths: Paths,
    write: Annotated[bool, typer.Option("--write", help="Write the tags into the files.")] = False,
    mode: Annotated[Mode, typer.Option(help="With --write: only moods, or everything.")] = "full",
    force: Annotated[bool, typer.Option("--force", help="Analyse again what is known.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Analyse, and show what would be written.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Analyse files, and write tags into them with `--write`. `run` may be left out."""
    options: Options = ctx.obj
    write_mode = "none" if dry_run else mode if write else None
    with open_door(options, works=True) as door:
        job_ids = [
            job_id for path in paths for job_id in _enqueue(door, path, write_mode, force=force)
        ]
        ended = follow(door, job_ids, "Tagging", quiet=options.is_quiet)
        tags = {job["id"]: _tags(door, job) for job in ended if job["state"] == "done"}
    results = [{**job, "tags": tags.get(job["id"], {})} for job in ended]
    if as_json:
        print_json(results)
    else:
        _print(results, shows_tags=dry_run)
    if any(map(is_failure, ended)):
        raise typer.Exit(1)


def _enqueue(door: Door, path: Path, write_mode: str | None, *, force: bool) -> list[int]:
    if not path.exists():
        raise NotFound("There is no such file.", asset=str(path))
    body = {"path": str(path.resolve()), "force": force, "write_mode": write_mode}
    job_ids: list[int] = door.call("POST", "/tagging/tag", body=body)["job_ids"]
    return job_ids


def _tags(door: Door, job: Mapping[str, Any]) -> Any:
    return door.call("GET", f"/tagging/track/{job['payload']['file_id']}")["tags"]


def _print(results: Sequence[Mapping[str, Any]], *, shows_tags: bool) -> None:
    head = ("file", "state", "moods", "genre", "bpm", "key", "written")
    print_table(head, map(_row, results))
    for result in results:
        if result["error"]:
            warn(f"mediant: {result['error']}")
        if shows_tags:
            print_table(("tag", "value"), _pairs(result))


def _row(result: Mapping[str, Any]) -> tuple[str, ...]:
    tags, found = result["tags"], result["result"] or {}
    state = "skipped" if found.get("skipped") else result["state"]
    columns = (", ".join(tags.get(name, ())) for name in ("mood-regular", "genre", "bpm", "key"))
    written = str(found.get("tags_written") or found.get("write_skipped") or "")
    return (Path(result["payload"]["path"]).name, state, *columns, written)


def _pairs(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, "; ".join(values)) for name, values in result["tags"].items()]


@app.command("undo")
def undo(
    ctx: typer.Context,
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the writes that can be undone.")
    ] = False,
) -> None:
    """Take back the newest write to each file: its old bytes return."""
    options: Options = ctx.obj
    with open_door(options, works=True) as door:
        if dry_run:
            _print_writes(door, paths)
            return
        job_ids = [
            door.call("POST", "/tagging/undo", body={"path": str(path.resolve())})["job_id"]
            for path in paths
        ]
        ended = follow(door, job_ids, "Undoing", quiet=options.is_quiet)
    for job in ended:
        ctx.obj.say(f"{job['payload']['path']}: {job['error'] or _outcome(job)}")
    if any(map(is_failure, ended)):
        raise typer.Exit(1)


def _outcome(job: Mapping[str, Any]) -> str:
    outcome = (job["result"] or {}).get("outcome")
    if outcome == "tags_only":
        return "it was changed since, so only our own tags went back"
    return "restored byte for byte" if outcome == "exact" else str(outcome)


def _print_writes(door: Door, paths: Sequence[Path]) -> None:
    for path in paths:
        track = door.call("GET", "/tagging/track", params={"path": str(path.resolve())})
        rows = [
            (path.name, w["id"], w["state"], w["mode"], w["written_at"]) for w in track["writes"]
        ]
        if not rows:
            raise Invalid("Nothing was written to this file.", asset=str(path))
        print_table(("file", "write", "state", "mode", "when"), rows)
