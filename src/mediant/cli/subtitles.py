"""`mediant subtitles`: the rules by which videos get subtitles, scans, and a look into a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mediant.cli.door import RemoteDoor, open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_annotated, print_json, print_table
from mediant.cli.targets import check_paths

app = typer.Typer(add_completion=False, no_args_is_help=True)
rules = typer.Typer(add_completion=False, help="The rules: list, add, remove.")
app.add_typer(rules, name="rules", invoke_without_command=True)

Preset = Literal["fast", "balanced", "best"]
RuleId = Annotated[int, typer.Argument(help="Its number, as `mediant subtitles rules` shows it.")]
DETECTION = "detect_language"
COUNTS = ("scanned", "matched", "created", "skipped")


@rules.callback()
def list_rules(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the rules in the order in which they are asked, or add and remove one."""
    if ctx.invoked_subcommand is not None:
        return
    with open_door(ctx.obj, works=False) as door:
        found = door.call("GET", "/subtitles/rules")["items"]
    if as_json:
        print_json(found)
        return
    head = ("id", "name", "on", "priority", "wants", "when")
    print_table(head, map(_rule_row, found))


@rules.command("add")
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it.")],
    target: Annotated[str, typer.Option(help="Language of the subtitles; empty: the spoken.")],
    audio: Annotated[str | None, typer.Option(help="Audio in this language.")] = None,
    no_audio: Annotated[str | None, typer.Option(help="No audio in any of these (commas).")] = None,
    missing: Annotated[
        str | None, typer.Option(help="No subtitle file in this language beside it.")
    ] = None,
    missing_inside: Annotated[
        str | None, typer.Option(help="No subtitle in this language inside it.")
    ] = None,
    extensions: Annotated[str | None, typer.Option(help="Such as .mkv,.mp4")] = None,
    preset: Annotated[Preset, typer.Option(help="How much work it may be.")] = "fast",
    priority: Annotated[int, typer.Option(help="Higher ones are asked first.")] = 0,
) -> None:
    """Add a rule. All conditions that are given must hold."""
    body = {
        "name": name,
        "target_language": target or None,
        "audio_language_is": audio,
        "audio_language_not": no_audio,
        "missing_external_subtitle_lang": missing,
        "missing_embedded_subtitle_lang": missing_inside,
        "file_extension": extensions,
        "quality_preset": preset,
        "priority": priority,
    }
    options: Options = ctx.obj
    with open_door(options, works=False) as door:
        made = door.call("POST", "/subtitles/rules", body=body)
    options.say(f"Rule {made['id']} is made.")
    if not any(made["conditions"].values()):
        options.say("It has no condition: it fits every file.")


@rules.command("remove")
def remove(ctx: typer.Context, rule_id: RuleId) -> None:
    """Forget a rule. Jobs that it made stay."""
    options: Options = ctx.obj
    with open_door(options, works=False) as door:
        door.call("DELETE", f"/subtitles/rules/{rule_id}")
    options.say(f"Rule {rule_id} is removed.")


@app.command("scan")
def scan(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files; else those of the settings.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be queued, and queue nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look through folders and queue the subtitles that the rules ask for."""
    options: Options = ctx.obj
    check_paths(paths or [])
    body: dict[str, Any] = {"dry_run": dry_run}
    body |= {"paths": [str(path.resolve()) for path in paths]} if paths else {}
    with open_door(options, works=True) as door:
        wish = door.call("POST", "/subtitles/scans", body=body)
        (job,) = follow(door, [wish], "Scanning", quiet=options.is_quiet)
        found = door.call("GET", f"/subtitles/scans/{job['id']}")
    if as_json:
        print_json(found)
    else:
        print_table(("state", *COUNTS), [(job["state"], *(found[name] for name in COUNTS))])
    if dry_run:
        options.say(f"Nothing was queued. What would be: mediant jobs show {job['id']}")
    elif found["created"] and not isinstance(door, RemoteDoor):
        options.say("What is queued is done while `mediant serve` runs.")
    for missing in found["missing"]:
        options.say(f"{missing}: it is not there")
    if is_failure(job):
        raise typer.Exit(1)


@app.command("analyze")
def analyze(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="A video or an audio file.")],
    as_json: AsJson = False,
) -> None:
    """Show what a file holds, and what a scan would make of it."""
    check_paths([path])
    with open_door(ctx.obj, works=False) as door:
        found = door.call("POST", "/subtitles/analyze", body={"path": str(path.absolute())})
    if as_json:
        print_json(found)
        return
    print_table(("what", "language", "codec", "remarks"), _content_rows(found))
    if found["rules"]:
        print_annotated(("rule", "fits"), [_asked(one) for one in found["rules"]])
    print_table(("a scan would", "because"), [_verdict(found)])


def _rule_row(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    action = rule["action"]
    when = [
        f"{name}={','.join(value) if isinstance(value, list) else value}"
        for name, value in rule["conditions"].items()
        if value not in (None, [])
    ]
    wants = f"{action['target_language'] or 'spoken'} ({action['quality_preset']})"
    is_on = "yes" if rule["is_enabled"] else "no"
    return rule["id"], rule["name"], is_on, rule["priority"], wants, "; ".join(when) or "always"


def _content_rows(found: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for track in found["audio_tracks"]:
        remarks = _remarks(track, ("is_default", "is_commentary"))
        rows.append((f"audio {track['index']}", track["language"], track["codec"], remarks))
    for inside in found["embedded"]:
        remarks = _remarks(inside, ("is_default", "is_forced", "is_image"))
        rows.append(("subtitle inside", inside["language"], inside["codec"], remarks))
    for beside in found["external"]:
        remarks = " ".join([Path(beside["path"]).name, _remarks(beside, ("is_forced",))]).strip()
        rows.append(("subtitle beside", beside["language"], None, remarks))
    return rows


def _remarks(thing: Mapping[str, Any], flags: tuple[str, ...]) -> str:
    return ", ".join(flag.removeprefix("is_") for flag in flags if thing[flag])


def _asked(rule: Mapping[str, Any]) -> tuple[tuple[str, str], list[str]]:
    fits = all(reason["holds"] for reason in rule["reasons"])
    notes = [
        f"{reason['condition']}: wanted {reason['wanted']}, found {reason['found'] or 'nothing'}"
        for reason in rule["reasons"]
        if not reason["holds"]
    ]
    return (rule["name"], "yes" if fits else "no"), notes


def _verdict(found: Mapping[str, Any]) -> tuple[str, str]:
    if found["job"] == DETECTION:
        return (
            f"queue a job ({DETECTION})",
            "its language is to be heard first",
        )
    if found["job"]:
        return f"queue a job ({found['job']})", f"the rule {found['rule']!r} fits"
    if found["rule"]:
        return "do nothing", str(found["skip_reason"])
    return "do nothing", "no rule fits"
