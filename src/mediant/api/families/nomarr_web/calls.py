"""What the routes ask of the core."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from mediant.api.families.nomarr_web import config_keys, translate, wire, wire_music
from mediant.api.families.nomarr_web.translate_music import calibrated_out
from mediant.api.families.tag_jobs import Asked, ask_paths
from mediant.app import App
from mediant.errors import Invalid, MediantError, NotFound, Refused
from mediant.jobs.job import Enqueued, Job, JobState
from mediant.tagging.navidrome import PlaylistPreview, SmartPlaylist

MISSING = frozenset({"missing", "not_found"})
BAD_QUERY = "Invalid playlist query"
CHANGED = "Configuration updated successfully"
RESTART = "It takes effect when the server is restarted."


# Work


def process(app: App, wish: wire.ProcessIn) -> wire.ProcessedOut:
    """Enqueue files and folders. Raises what is wrong with the paths when no one can be taken."""
    asked = ask_paths(app, wish.paths, force=wish.force)
    if not any(one.jobs for one in asked):
        raise _refusal(asked)
    return translate.processed_out(asked)


def _refusal(asked: Sequence[Asked]) -> MediantError:
    errors = [one.error for one in asked if one.error is not None]
    return next((error for error in errors if error.code not in MISSING), errors[0])


def pause(app: App) -> wire.SaidOut:
    """No worker takes up another job; those that run are finished. It outlasts a restart."""
    app.queue.pause("all")
    return wire.SaidOut(message="All workers paused")


def resume(app: App) -> wire.SaidOut:
    """Every worker takes up jobs again, whatever pause held them back."""
    for scope in app.queue.list_pauses():
        app.queue.resume(scope)
    return wire.SaidOut(message="All workers resumed")


# Libraries


def add_library(app: App, wish: wire.NewLibraryIn) -> wire.LibraryOut:
    """A new library. Without a name it has its folder's."""
    name = wish.name or wish.root_path.rstrip("/").rpartition("/")[2] or wish.root_path
    mode = translate.write_mode(wish.file_write_mode)
    entry = app.library.add_library(
        name, wish.root_path, watch_mode=wish.watch_mode, write_mode=mode
    )
    if not wish.is_enabled:
        entry = app.library.change_library(entry.id, is_enabled=False)
    return translate.library_out(entry)


def change_library(app: App, library_id: int, wish: wire.LibraryIn) -> wire.LibraryOut:
    """Change some fields; when the write mode rises, what is tagged gets written."""
    before = app.library.get_library(library_id)
    fields = translate.library_fields(wish.model_dump(exclude_unset=True))
    entry = app.library.change_library(library_id, **fields)
    app.tagging.write_after_rise(before, entry)
    return translate.library_out(entry)


def remove_library(app: App, library_id: int) -> wire.SaidOut:
    """Forget a library; its files stay."""
    app.library.remove_library(library_id)
    return wire.SaidOut(message="Library removed. Its files stay as they are.")


def begin_scan(app: App, library_id: int, wish: wire.ScanIn) -> Enqueued | None:
    """Begin a scan; None when there is nothing to look at. Raises `Refused` while one runs."""
    entry = app.library.get_library(library_id)
    if entry.scan_state == "running":
        raise Refused("The library is being scanned.", asset=entry.name)
    paths: Sequence[Any] | None = (
        None if wish.paths is None else [app.library.to_ours(path) for path in wish.paths]
    )
    if not wish.recursive:
        paths = app.library.list_direct(library_id, paths)
        if not paths:
            return None
    return app.library.scan(
        library_id, paths=paths or None, force=wish.force, clean_missing=wish.clean_missing
    )


def read_scan(app: App, job: Job | None) -> wire.ScannedOut:
    """What a scan gave, or has given so far. Raises `Refused` with the cause when it failed."""
    if job is None:
        text = "Queued 0 files for processing: no audio file lies directly there"
        return wire.ScannedOut(queued=0, message=text, scan_id=None, scan_status="done")
    if job.state is JobState.CANCELLED:
        raise Refused("The scan was cancelled.", asset=f"job {job.id}")
    if job.state is JobState.FAILED:
        raise Refused(job.error or "The scan failed.")
    return translate.scanned_out(job, app.library.count_scan(job.id))


# Calibration and Navidrome


def read_calibration(app: App, job: Job) -> wire_music.CalibratedOut:
    """What a calibration found; no heads when none had enough scores."""
    result = job.result or {}
    version = result.get("version")
    run = None if version is None else app.calibrations.read_run(version)
    return calibrated_out(run, result)


def preview(app: App, wish: wire_music.QueryIn) -> PlaylistPreview:
    """The tracks of a query. Raises `Invalid`."""
    try:
        return app.navidrome.preview(wish.query, limit=wish.preview_limit)
    except Invalid as bad:
        raise _bad_query(bad) from bad


def write_playlist(app: App, wish: wire_music.PlaylistIn) -> SmartPlaylist:
    """The smart playlist of a query. Raises `Invalid`."""
    try:
        return app.navidrome.write_playlist(
            wish.query,
            name=wish.playlist_name,
            comment=wish.comment or "",
            limit=wish.limit,
            sort=wish.sort,
        )
    except Invalid as bad:
        raise _bad_query(bad) from bad


def write_template(app: App, wish: wire_music.TemplateIn) -> SmartPlaylist:
    """The smart playlist of a template. Raises `NotFound` for one that finds nothing here."""
    found = next((t for t in app.navidrome.list_templates() if t.id == wish.template_id), None)
    if found is None:
        raise NotFound("There is no such template.", asset=wish.template_id)
    return app.navidrome.write_playlist(
        found.query,
        name=wish.playlist_name or found.name,
        comment=wish.comment or found.description,
        limit=wish.limit,
        sort=wish.sort,
    )


def _bad_query(bad: Invalid) -> Invalid:
    text = bad.text if bad.text.startswith(BAD_QUERY) else f"{BAD_QUERY}: {bad.text}"
    return Invalid(text, asset=bad.asset, remedy=bad.remedy)


# Settings


def read_config(app: App) -> dict[str, Any]:
    """The settings as they are stored, and which of them hold only after a restart."""
    stored = app.stored.load()
    shown = config_keys.show_all(stored)
    in_force = config_keys.show_all(app.settings)
    return {
        "models_dir": str(app.settings.models_folder),
        **shown,
        "pending_restart": [name for name in shown if shown[name] != in_force[name]],
    }


def change_config(app: App, wish: wire.ConfigIn) -> wire.ChangedOut:
    """Store one setting. Raises `Invalid` for an unknown or fixed one, or a senseless value."""
    key = config_keys.find_key(wish.key)
    value = config_keys.parse_value(wish.key, wish.value)
    try:
        settings = app.stored.change({key.setting: value})
    except Refused as fixed:
        raise Invalid(fixed.text, asset=wish.key, remedy=fixed.remedy) from fixed
    read = attrgetter(key.setting)
    waits = read(settings) != read(app.settings)
    message = f"{CHANGED}. {RESTART}" if waits else CHANGED
    return wire.ChangedOut(message=message, restart_needed=waits)
