"""`mediant tag FILES…`; with `mediant tag undo FILES…` and `mediant tag remove FILES…`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure, is_skipped
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_json, print_table
from mediant.cli.tag_changes import NO_PLACE, remove, tell_trouble, undo
from mediant.cli.targets import Paths, check_paths
from mediant.errors import Invalid

RUN = "run"


class RunByDefault(TyperGroup):
    """`mediant tag FILE` means `mediant tag run FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command in front of what is neither a command nor a plea for help."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [RUN, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(add_completion=False, cls=RunByDefault, no_args_is_help=True)

Mode = Literal["minimal", "full"]


@app.command(RUN)
def run(
    ctx: typer.Context,
    paths: Paths,
    write: Annotated[bool, typer.Option("--write", help="Write the tags into the files.")] = False,
    mode: Annotated[
        Mode | None,
        typer.Option(help="With --write: only moods, or everything (full, without it)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Analyse again what is known.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Analyse, and show what would be written.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Analyse files, and write tags into them with `--write`. `run` may be left out."""
    options: Options = ctx.obj
    if mode and not write:
        raise Invalid("`--mode` says what `--write` writes.", remedy="Add --write.")
    write_mode = (mode or "full") if write else None
    check_paths(paths)
    with open_door(options, works=True) as door:
        wanted = "none" if dry_run else write_mode
        wishes = [wish for path in paths for wish in _enqueue(door, path, wanted, force=force)]
        ended = follow(door, wishes, "Tagging", quiet=options.is_quiet)
        results = [_describe(door, job) for job in ended]
        if dry_run:
            for result in results:
                result["plan"] = _plan(door, result, write_mode, force=force)
    if as_json:
        print_json(results)
    else:
        _print(options, results)
    for job in ended:
        _tell(options, job)
    if any(map(is_failure, ended)):
        raise typer.Exit(1)


app.command("undo")(undo)
app.command("remove")(remove)


def _enqueue(
    door: Door, path: Path, write_mode: str | None, *, force: bool
) -> list[Mapping[str, Any]]:
    body = {"path": str(path.resolve()), "force": force, "write_mode": write_mode}
    wishes: list[Mapping[str, Any]] = door.call("POST", "/tagging/tag", body=body)["jobs"]
    return wishes


def _describe(door: Door, job: Mapping[str, Any]) -> dict[str, Any]:
    """The job, with the tags of its track when it has any."""
    if job["state"] != "done":
        return {**job, "tags": {}}
    return {**job, "tags": door.call("GET", f"/tagging/track/{job['payload']['file_id']}")["tags"]}


def _plan(door: Door, job: Mapping[str, Any], write_mode: str | None, *, force: bool) -> Any:
    """What the same wish would write if it were no dry run; None when the file has no tags."""
    if job["state"] != "done":
        return None
    path = f"/tagging/track/{job['payload']['file_id']}/plan"
    return door.call("GET", path, params={"write_mode": write_mode, "force": force})


def _print(options: Options, results: Sequence[Mapping[str, Any]]) -> None:
    head = ("file", "state", "moods", "genre", "bpm", "key", "written")
    print_table(head, map(_row, results))
    for result in results:
        plan = result.get("plan")
        if plan and plan["tags"]:
            rows = [(key, "; ".join(values)) for key, values in plan["tags"].items()]
            print_table(("tag to write", "value"), rows)
        elif plan:
            path = result["payload"]["path"]
            options.say(f"{path}: nothing would be written. {plan['reason']}")


def _row(result: Mapping[str, Any]) -> tuple[str, ...]:
    tags, found = result["tags"], result["result"] or {}
    state = "known" if found.get("skipped") else result["state"]
    state = "skipped" if is_skipped(result) else state
    state = "not written" if found.get("write_error") else state
    columns = (", ".join(tags.get(name, ())) for name in ("mood-regular", "genre", "bpm", "key"))
    written = str(found.get("tags_written") or found.get("write_skipped") or "")
    return (Path(result["payload"]["path"]).name, state, *columns, written)


def _tell(options: Options, job: Mapping[str, Any]) -> None:
    """What went wrong; what is in the nature of a file is a note only."""
    found = job["result"] or {}
    if is_skipped(job):
        options.say(f"Skipped: {job['error']} [{job['error_code']}]")
    elif found.get("write_skipped") == NO_PLACE and not job["error"]:
        options.say(f"{found['file']}: tags cannot be written into this kind of file [{NO_PLACE}]")
    else:
        tell_trouble(job)
