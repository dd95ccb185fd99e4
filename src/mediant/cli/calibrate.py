"""`mediant calibrate`: measure how the scores of this library are spread."""

from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.follow import follow
from mediant.cli.options import Options
from mediant.cli.outcome import explain
from mediant.cli.output import AsJson, print_json, print_table
from mediant.errors import MediantError
from mediant.kernel.units import count

app = typer.Typer(add_completion=False, no_args_is_help=True)

PATH = "/tagging/calibration"
MEASURES = ("apd_p5", "apd_p95", "srd", "jsd", "median_drift", "iqr_drift")
HEAD = ("run", "model", "head", "label", "files", "p5", "p95", "drift", "verdict")
Name = Annotated[str | None, typer.Option(help="Only this one.")]


@app.command()
def run(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Measure all stored scores now. No audio is read, and no file is touched."""
    options: Options = ctx.obj
    with open_door(options, works=True) as door:
        wish = door.call("POST", f"{PATH}/run")
        job = follow(door, [wish], "Calibrating", quiet=options.is_quiet)[0]
        result = job["result"] or {}
        version = result.get("version")
        found = None
        if version is not None:
            found = door.call("GET", f"{PATH}/run", params={"version": version})
    if as_json:
        print_json({"job": job, "run": found})
    elif found is not None:
        print_table(HEAD, map(_row, found["heads"]))
    if job["state"] != "done":
        explain(MediantError(job["error"] or f"The run was {job['state']}.", asset="calibration"))
        raise typer.Exit(1)
    _tell(options, result)


def _tell(options: Options, result: Any) -> None:
    if result["version"] is None:
        options.say(
            f"No head has enough scores yet: {_are(result['file_count'], 'file')} tagged. "
            "Nothing was changed."
        )
        return
    options.say(
        f"Run {result['version']} over {count(result['file_count'], 'file')}: "
        f"{_are(result['stable_heads'], 'head')} stable, {result['unstable_heads']} are not. "
        f"In force: {result['global_version']}."
    )
    skipped = result["labels_skipped"], len(result["heads_skipped"])
    if any(skipped):
        options.say("Too few scores: {} labels and {} whole heads.".format(*skipped))


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Which calibration is in force, and how much of each library was tagged with it."""
    with open_door(ctx.obj) as door:
        found = door.call("GET", PATH)
    if as_json:
        print_json(found)
        return
    rows = (
        (one["library_name"], one["total_files"], one["outdated_count"], f"{one['percentage']} %")
        for one in found["libraries"]
    )
    print_table(("library", "tagged", "outdated", "current"), rows)
    ctx.obj.say(f"In force: {found['global_version'] or 'the built-in spans'}.")
    ctx.obj.say(f"Last run: {found['last_run'] or 'never'}.")
    if not found["enabled"]:
        ctx.obj.say("Runs are switched off: `calibration.enabled` is false.")


@app.command()
def history(
    ctx: typer.Context,
    model: Name = None,
    head: Name = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What each run found of each head, newest first."""
    params = {"model": model, "head": head, "limit": limit}
    with open_door(ctx.obj) as door:
        found = door.call("GET", f"{PATH}/history", params=params)
    if as_json:
        print_json(found)
        return
    print_table(HEAD, map(_row, found["items"]))


def _row(head: Any) -> tuple[Any, ...]:
    return (
        head["version"],
        head["model_name"],
        head["head_name"],
        head["label"],
        head["file_count"],
        f"{head['p5']:.4f}",
        f"{head['p95']:.4f}",
        _drift(head["drift"]),
        "stable" if head["is_stable"] else "new reference",
    )


def _drift(drift: Any) -> str:
    """The measures that are more than excellent; a dash where there is nothing to compare with."""
    if drift is None:
        return "-"
    told = [f"{name} {drift[name]:.3f}" for name in MEASURES if drift["bands"][name] != "excellent"]
    return ", ".join(told) or "none"


def _are(number: int, noun: str) -> str:
    """`1 file is` or `2 files are`."""
    return f"{count(number, noun)} {'is' if number == 1 else 'are'}"
