"""`mediant tag undo FILES…` and `mediant tag remove FILES…`: taking tags out of files again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.outcome import explain
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.cli.targets import Paths, Target, check_paths, count_unknown, list_targets
from mediant.errors import MEDIA_CODES, MediantError, NotFound
from mediant.kernel.units import count
from mediant.settings import load_settings

NO_PLACE = "unsupported_container"
UNDOABLE = ("applied", "prepared")


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


def undo(
    ctx: typer.Context,
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the writes that can be undone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take back the newest write to each file: its old bytes return."""
    options: Options = ctx.obj
    check_paths(paths)
    with open_door(options, works=not dry_run) as door:
        targets = list_targets(door, paths)
        if dry_run:
            _show_writes(door, targets, as_json=as_json)
            is_well = True
        else:
            is_well = _change(options, door, targets, UNDO, as_json=as_json)
    _count_unknown(options, paths, targets)
    if not is_well:
        raise typer.Exit(1)


def remove(
    ctx: typer.Context,
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which of our tags are in the files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take our tags out of each file, and nothing else. `mediant tag undo` puts them back.

    Ends with 1 when a folder holds audio files that no library knows yet: they were left alone."""
    options: Options = ctx.obj
    check_paths(paths)
    with open_door(options, works=not dry_run) as door:
        targets = list_targets(door, paths)
        if dry_run:
            is_well = _show_own(door, targets, as_json=as_json)
        else:
            is_well = _change(options, door, targets, REMOVE, as_json=as_json)
    if _count_unknown(options, paths, targets) or not is_well:
        raise typer.Exit(1)


def _count_unknown(options: Options, paths: Sequence[Path], targets: Sequence[Target]) -> int:
    """Tell of audio files that lie below the folders and in no library's list; how many."""
    ignore = load_settings(options.overrides()).library.ignore
    unknown = count_unknown(paths, targets, ignore)
    if unknown:
        are = "is" if unknown == 1 else "are"
        files = count(unknown, "audio file")
        warn(
            f"mediant: {files} below the folder {are} not known yet and left alone."
            " Run `mediant scan` first; a folder outside all libraries: `mediant libraries add`."
        )
    return unknown


def _change(
    options: Options, door: Door, targets: Sequence[Target], change: Change, *, as_json: bool
) -> bool:
    """Have each file changed, follow that and tell how it ended; whether all went well."""
    wishes, failures = _enqueue_changes(options, door, targets, change)
    ended = follow(door, wishes, change.title, quiet=options.is_quiet)
    if as_json:
        print_json(ended)
    for job in ended:
        if is_failure(job):
            tell_trouble(job)
        else:
            options.say(f"{job['payload']['path']}: {change.outcome(job)}")
    return not failures and not any(map(is_failure, ended))


def tell_trouble(job: Mapping[str, Any]) -> None:
    """Why a job failed, or could not write, on stderr; nothing when it did neither."""
    trouble = job["error"] or (job["result"] or {}).get("write_error")
    code = f" [{job['error_code']}]" if job["error_code"] in MEDIA_CODES else ""
    if trouble:
        warn(f"mediant: {trouble}{code}")


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


def _removal(job: Mapping[str, Any]) -> str:
    found = job["result"] or {}
    if found.get("write_skipped") == NO_PLACE:
        return "this kind of file has no place for tags of ours"
    return "our tags are removed" if found.get("write") == "written" else "it has no tags of ours"


def _read_own(door: Door, path: str) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]]
    found = door.call("GET", "/tagging/own-tags", params={"path": path})["tags"]
    return found


def _carries_own(door: Door, path: str) -> bool:
    return bool(_read_own(door, path))


def _show_own(door: Door, targets: Sequence[Target], *, as_json: bool) -> bool:
    """Show our tags in each file; whether all could be read."""
    found: list[tuple[Target, Mapping[str, Sequence[str]]]] = []
    is_well = True
    for target in targets:
        try:
            found.append((target, _read_own(door, target.path)))
        except MediantError as error:
            if target.is_named and len(targets) == 1:
                raise
            explain(error)
            is_well = False
    if as_json:
        print_json([{"path": target.path, "tags": tags} for target, tags in found])
        return is_well
    for target, tags in found:
        rows = [(Path(target.path).name, key, "; ".join(values)) for key, values in tags.items()]
        if rows or target.is_named:
            print_table(("file", "tag", "value"), rows)
    return is_well


def _outcome(job: Mapping[str, Any]) -> str:
    outcome = (job["result"] or {}).get("outcome")
    if outcome == "tags_only":
        return "it was changed since, so only our own tags went back"
    return "restored byte for byte" if outcome == "exact" else str(outcome)


def _show_writes(door: Door, targets: Sequence[Target], *, as_json: bool) -> None:
    """Show the writes to each file that can still be undone, the next one first."""
    found = [(target, _list_undoable(door, target)) for target in targets]
    if as_json:
        print_json([{"path": target.path, "writes": writes} for target, writes in found if writes])
        return
    for target, writes in found:
        name = Path(target.path).name
        rows = [(name, w["id"], w["state"], w["mode"], w["written_at"]) for w in writes]
        if rows:
            print_table(("file", "write", "state", "mode", "when"), rows)


def _list_undoable(door: Door, target: Target) -> list[Mapping[str, Any]]:
    """The writes to a file that can be undone. NotFound where a file was named that has none."""
    try:
        every = door.call("GET", "/tagging/track", params={"path": target.path})["writes"]
    except MediantError as error:
        if target.is_named or error.code != "not_found":
            raise
        return []  # Below a folder are files that nobody has analysed.
    writes = [write for write in every if write["state"] in UNDOABLE]
    if not writes and target.is_named:
        undone = max(filter(None, (write["undone_at"] for write in every)), default=None)
        text = "Nothing was written to this file."
        if undone:
            when = undone[: len("2026-01-01T12:00")].replace("T", " ")
            text = f"What was written to this file is undone already, since {when} UTC."
        raise NotFound(text, asset=target.path)
    return writes


UNDO = Change("/tagging/undo", "Undoing", "a write", _outcome)
REMOVE = Change("/tagging/untag", "Removing", "tags of ours", _removal, _carries_own)
