"""`mediant tag FILES…`, `mediant tag undo FILES…` and `mediant tag remove FILES…`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.outcome import explain
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.cli.targets import Target, check_paths, list_targets
from mediant.errors import Invalid, MediantError

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

NO_PLACE = "unsupported_container"


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change files that were written."""

    path: str
    """Where the server is asked for it."""
    title: str
    need: str
    """What a file below a folder may lack, so that nothing is to be done."""
    outcome: Callable[[Mapping[str, Any]], str]
    """A job that ended well, in words."""
    concerns: Callable[[Door, str], bool] = lambda _door, _path: True
    """Whether there is anything to do in a file that was not named itself."""


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
    check_paths(paths)
    with open_door(options, works=True) as door:
        wishes = [wish for path in paths for wish in _enqueue(door, path, write_mode, force=force)]
        ended = follow(door, wishes, "Tagging", quiet=options.is_quiet)
        tags = {job["id"]: _tags(door, job) for job in ended if job["state"] == "done"}
    results = [{**job, "tags": tags.get(job["id"], {})} for job in ended]
    if as_json:
        print_json(results)
    else:
        _print(results, shows_tags=dry_run)
    for job in ended:
        _tell_trouble(options, job)
    if any(map(is_failure, ended)):
        raise typer.Exit(1)


def _enqueue(
    door: Door, path: Path, write_mode: str | None, *, force: bool
) -> list[Mapping[str, Any]]:
    body = {"path": str(path.resolve()), "force": force, "write_mode": write_mode}
    wishes: list[Mapping[str, Any]] = door.call("POST", "/tagging/tag", body=body)["jobs"]
    return wishes


def _tags(door: Door, job: Mapping[str, Any]) -> Any:
    return door.call("GET", f"/tagging/track/{job['payload']['file_id']}")["tags"]


def _print(results: Sequence[Mapping[str, Any]], *, shows_tags: bool) -> None:
    head = ("file", "state", "moods", "genre", "bpm", "key", "written")
    print_table(head, map(_row, results))
    if shows_tags:
        for result in results:
            print_table(("tag", "value"), _pairs(result))


def _tell_trouble(options: Options, job: Mapping[str, Any]) -> None:
    """What went wrong, on stderr; a container without a place for tags is a note only."""
    found = job["result"] or {}
    trouble = job["error"] or found.get("write_error")
    if trouble:
        warn(f"mediant: {trouble}")
    elif found.get("write_skipped") == NO_PLACE:
        options.say(f"{found['file']}: tags cannot be written into this kind of file [{NO_PLACE}]")


def _row(result: Mapping[str, Any]) -> tuple[str, ...]:
    tags, found = result["tags"], result["result"] or {}
    state = "skipped" if found.get("skipped") else result["state"]
    state = "not written" if found.get("write_error") else state
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
    check_paths(paths)
    with open_door(options, works=not dry_run) as door:
        targets = list_targets(door, paths)
        if dry_run:
            _print_writes(door, targets)
            return
        is_well = _change(options, door, targets, UNDO)
    if not is_well:
        raise typer.Exit(1)


def _change(options: Options, door: Door, targets: Sequence[Target], change: Change) -> bool:
    """Have each file changed, follow that and tell how it ended; whether all went well."""
    wishes, failures = _enqueue_changes(options, door, targets, change)
    ended = follow(door, wishes, change.title, quiet=options.is_quiet)
    for job in ended:
        if is_failure(job):
            _tell_trouble(options, job)
        else:
            options.say(f"{job['payload']['path']}: {change.outcome(job)}")
    return not failures and not any(map(is_failure, ended))


def _enqueue_changes(
    options: Options, door: Door, targets: Sequence[Target], change: Change
) -> tuple[list[Mapping[str, Any]], int]:
    """The jobs, and how many files were named in vain; below a folder that is only a note."""
    wishes: list[Mapping[str, Any]] = []
    failures = unwritten = 0
    for target in targets:
        try:
            if not target.is_named and not change.concerns(door, target.path):
                unwritten += 1
                continue
            wishes.append(door.call("POST", change.path, body={"path": target.path}))
        except MediantError as error:
            if len(targets) == 1 and target.is_named:
                raise
            if error.code == "not_found" and not target.is_named:
                unwritten += 1
            else:
                failures += 1
                explain(error)
    if unwritten or not targets:
        options.say(f"Files below the folder without {change.need}, left alone: {unwritten}.")
    return wishes, failures


@app.command("remove")
def remove(
    ctx: typer.Context,
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which of our tags are in the files.")
    ] = False,
) -> None:
    """Take our tags out of each file, and nothing else. `mediant tag undo` puts them back."""
    options: Options = ctx.obj
    check_paths(paths)
    with open_door(options, works=not dry_run) as door:
        targets = list_targets(door, paths)
        is_well = _print_own(door, targets) if dry_run else _change(options, door, targets, REMOVE)
    if not is_well:
        raise typer.Exit(1)


def _removal(job: Mapping[str, Any]) -> str:
    found = job["result"] or {}
    if found.get("write") == "written":
        return "our tags are removed"
    return str(found.get("write_skipped") or "it has no tags of ours")


def _read_own(door: Door, path: str) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]]
    found = door.call("GET", "/tagging/own-tags", params={"path": path})["tags"]
    return found


def _carries_own(door: Door, path: str) -> bool:
    """Whether tags of ours are in the file; never in one that has no place for them."""
    try:
        return bool(_read_own(door, path))
    except MediantError as error:
        if error.code == NO_PLACE:
            return False
        raise


def _print_own(door: Door, targets: Sequence[Target]) -> bool:
    """Our tags in each file; whether all could be read."""
    is_well = True
    for target in targets:
        try:
            found = _read_own(door, target.path)
        except MediantError as error:
            if target.is_named and len(targets) == 1:
                raise
            explain(error)
            is_well = False
            continue
        name = Path(target.path).name
        rows = [(name, key, "; ".join(values)) for key, values in found.items()]
        if rows or target.is_named:
            print_table(("file", "tag", "value"), rows)
    return is_well


def _outcome(job: Mapping[str, Any]) -> str:
    outcome = (job["result"] or {}).get("outcome")
    if outcome == "tags_only":
        return "it was changed since, so only our own tags went back"
    return "restored byte for byte" if outcome == "exact" else str(outcome)


def _print_writes(door: Door, targets: Sequence[Target]) -> None:
    for target in targets:
        try:
            writes = door.call("GET", "/tagging/track", params={"path": target.path})["writes"]
        except MediantError as error:
            if target.is_named or error.code != "not_found":
                raise
            writes = []  # Below a folder are files that nobody has analysed.
        name = Path(target.path).name
        rows = [(name, w["id"], w["state"], w["mode"], w["written_at"]) for w in writes]
        if not rows and not target.is_named:
            continue
        if not rows:
            raise Invalid("Nothing was written to this file.", asset=target.path)
        print_table(("file", "write", "state", "mode", "when"), rows)


UNDO = Change("/tagging/undo", "Undoing", "a write", _outcome)
REMOVE = Change("/tagging/untag", "Removing", "tags of ours", _removal, _carries_own)
