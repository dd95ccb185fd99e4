"""`mediant show FILE`: what is known of a track, and why it got its words."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mediant.cli.door import open_door
from mediant.cli.options import Options
from mediant.cli.output import AsJson, print_annotated, print_json, print_table
from mediant.kernel.units import format_duration

app = typer.Typer(add_completion=False)

Fields = Mapping[str, Any]


@app.command()
def show(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="An audio file that was analysed.")],
    scores: Annotated[
        bool, typer.Option("--scores", help="Also the raw scores of every label.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explain one file: facts, moods with raw and calibrated scores, tags, writes."""
    options: Options = ctx.obj
    with open_door(options) as door:
        track = door.call("GET", "/tagging/track", params={"path": str(path.resolve())})
    if as_json:
        print_json(track)
        return
    print_table(("fact", "value"), _facts(track))
    _print_moods(track["explanation"])
    print_table(("tag", "value"), ((k, "; ".join(v)) for k, v in track["tags"].items()))
    if scores:
        print_table(("model", "head", "label", "trimmed mean", "deviation"), _scores(track))
    if track["writes"]:
        writes = ((w["id"], w["state"], w["mode"], w["written_at"]) for w in track["writes"])
        print_table(("write", "state", "mode", "when"), writes)


def _facts(track: Fields) -> Iterator[tuple[str, Any]]:
    facts = track["facts"]
    yield "file", track["path"]
    yield "state", track["state"]
    if track["error"]:
        yield "error", track["error"]
    if track["is_outdated"]:
        yield "note", "the file changed since it was analysed"
    if facts["duration_s"]:
        yield "duration", format_duration(facts["duration_s"])
    if facts["tempo_bpm"]:
        confidence = facts["tempo_confidence"] or 0.0
        yield "tempo", f"{facts['tempo_bpm']:.1f} BPM (confidence {confidence:.2f})"
    if facts["key"]:
        yield "key", f"{facts['key']} {facts['mode']} (strength {facts['key_strength']:.2f})"
    if facts["energy"] is not None:
        yield "energy", f"{facts['energy']:.3f}"
    if facts["write_error"]:
        yield "not written", facts["write_error"]
    for name in ("suite", "preset", "calibration", "decoder", "analysed_at"):
        yield name, facts[name]


def _print_moods(explanation: Fields) -> None:
    for title in ("moods", "genres"):
        found: Iterable[Fields] = explanation.get(title) or ()
        rows = [(_mood(entry), _reasons(entry)) for entry in found]
        if rows:
            print_annotated((title, "tier", "raw", "calibrated", "counter"), rows)


def _mood(entry: Fields) -> tuple[str, ...]:
    return (
        entry.get("word") or entry.get("label") or "",
        entry.get("tier") or "",
        _number(entry.get("raw")),
        _number(entry.get("calibrated")),
        _number(entry.get("counter")),
    )


def _reasons(entry: Fields) -> list[str]:
    reasons = [entry["why"]] if entry.get("why") else []
    misses = entry.get("next_tier")
    return [*reasons, f"next tier: {'; '.join(misses)}"] if misses else reasons


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.4f}"


def _scores(track: Fields) -> Iterator[tuple[Any, ...]]:
    for head in track["heads"]:
        for label, statistics in head["labels"].items():
            trimmed, deviation = statistics["trimmed"], statistics["deviation"]
            yield head["model"], head["name"], label, _number(trimmed), _number(deviation)
