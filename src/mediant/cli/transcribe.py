"""`mediant transcribe FILES…`: subtitles of videos, lyrics of songs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mediant.cli.answer import Door
from mediant.cli.door import open_door
from mediant.cli.follow import follow, is_failure
from mediant.cli.options import Options
from mediant.cli.outcome import explain
from mediant.cli.output import AsJson, print_json, print_table, warn
from mediant.cli.targets import check_paths
from mediant.errors import MediantError, NotFound
from mediant.subtitles.inspection.extensions import MEDIA_EXTENSIONS, extension_of

app = typer.Typer(add_completion=False)

Preset = Literal["fast", "balanced", "best"]
Form = Literal["srt", "vtt", "tsv", "txt", "lrc", "json"]
ENGLISH = "eng"

Paths = Annotated[list[Path], typer.Argument(help="Videos, audio files, or folders of them.")]
Spoken = Annotated[
    str | None, typer.Option(help="What is spoken; else the file says it, or it is heard.")
]
Target = Annotated[str | None, typer.Option(help="Language of the subtitles; else the spoken one.")]
ToEnglish = Annotated[bool, typer.Option("--translate", help="The same as `--target eng`.")]
Effort = Annotated[Preset, typer.Option(help="How much work it may be.")]
Output = Annotated[Path | None, typer.Option(help="Folder for the files; else beside the media.")]
Track = Annotated[int | None, typer.Option(help="Which audio track, counted from 0.")]
Format = Annotated[Form | None, typer.Option("--format", help="Else srt; lrc for songs.")]
KeepSource = Annotated[
    bool, typer.Option("--keep-source", help="When translating: also write what was said.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Also over files that Mediant did not write.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; nobody listens.")]


@app.command()
def transcribe(
    ctx: typer.Context,
    paths: Paths,
    language: Spoken = None,
    target: Target = None,
    translate: ToEnglish = False,
    preset: Effort = "balanced",
    form: Format = None,
    output: Output = None,
    track: Track = None,
    keep_source: KeepSource = False,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write what is said in files as subtitles beside them, in any language."""
    options: Options = ctx.obj
    check_paths(paths)
    wish = {
        "language": language,
        "target": target or (ENGLISH if translate else None),
        "mode": "translate" if translate else None,
        "preset": preset,
        "form": form,
        "folder": None if output is None else str(output.resolve()),
        "track": track,
        "keep_source": keep_source,
        "overwrite": overwrite,
        "dry_run": dry_run,
    }
    files = list_media(paths)
    with open_door(options, works=True) as door:
        ids, n_refused = enqueue_each(door, "/subtitles/transcribe", files, wish)
        ended = follow(door, ids, "Transcribing", quiet=options.is_quiet)
    (print_json if as_json else _print)(ended)
    tell_trouble(options, ended)
    if n_refused or any(map(is_failure, ended)):
        raise typer.Exit(1)


def list_media(paths: Sequence[Path]) -> list[Path]:
    """The files, each once; of a folder the media files below it. NotFound when it has none."""
    found: dict[Path, None] = {}
    for path in paths:
        below = [path] if not path.is_dir() else list(_list_below(path))
        if not below:
            raise NotFound("There is no media file in it.", asset=str(path))
        found.update((one.absolute(), None) for one in below)
    return list(found)


def _list_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if extension_of(path.name) in MEDIA_EXTENSIONS and path.is_file():
            yield path


def enqueue_each(
    door: Door, address: str, files: Sequence[Path], wish: Mapping[str, Any]
) -> tuple[list[int], int]:
    """The ids of the jobs, and how many wishes were refused; of several files that is no end."""
    ids: list[int] = []
    n_refused = 0
    for file in files:
        try:
            ids.append(door.call("POST", address, body={**wish, "path": str(file)})["id"])
        except MediantError as error:
            if len(files) == 1:
                raise
            explain(error)
            n_refused += 1
    return ids, n_refused


def tell_trouble(options: Options, ended: Sequence[Mapping[str, Any]]) -> None:
    """What went wrong, and what is to be said all the same, on stderr."""
    for job in ended:
        note = (job["result"] or {}).get("note")
        if job["error"]:
            warn(f"mediant: {job['error']}")
        elif note:
            options.say(f"{job['payload']['path']}: {note}")


def _print(ended: Sequence[Mapping[str, Any]]) -> None:
    head = ("file", "state", "spoken", "subtitles", "written to", "cues", "by", "seconds")
    print_table(head, map(_row, ended))


def _row(job: Mapping[str, Any]) -> tuple[Any, ...]:
    found = job["result"] or {}
    state = job["state"]
    if found.get("is_trial"):
        state = "would replace" if found.get("exists") else "would write"
    names = ("source_lang", "target_lang", "output_path", "segments_count")
    facts = (found.get(name) for name in names)
    return (Path(job["payload"]["path"]).name, state, *facts, _by(found), found.get("seconds"))


def _by(found: Mapping[str, Any]) -> str | None:
    """Who listened and who translated: `whisper-base, apertium spa-eng`."""
    parts = [
        part["model"] if part["engine"] == "speech" else f"{part['engine']} {part['model']}"
        for part in found.get("way", ())
    ]
    return ", ".join(filter(None, parts)) or found.get("model")
