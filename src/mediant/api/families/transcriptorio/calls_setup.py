"""What the routes of the setup ask of the core."""

from mediant.api.families.transcriptorio import wire_setup as wire
from mediant.app import App
from mediant.subtitles.setup import Standalone

DONE = "{} mode configured successfully"


def is_open(app: App) -> bool:
    """Whether the setup may be done without a key: nobody has used this server for anything."""
    is_fresh = app.subtitles.setup.status().is_first_run
    return (
        is_fresh and not any(app.queue.count_jobs().values()) and not app.library.list_libraries()
    )


def show_status(app: App) -> wire.SetupOut:
    """How far the setup is."""
    found = app.subtitles.setup.status()
    return wire.SetupOut(is_first_run=found.is_first_run, setup_completed=found.is_completed)


def set_up_standalone(app: App, wish: wire.StandaloneIn) -> wire.SetUpOut:
    """Look after folders. Raises `Invalid`, and `Refused` for a rule's name that is taken."""
    interval = wish.scanner_config
    app.subtitles.setup.standalone(
        Standalone(
            library_paths=wish.library_paths,
            rules=[rule.model_dump(exclude_unset=True) for rule in wish.scan_rules],
            workers=wish.worker_config.count,
            worker_type=wish.worker_config.type,
            interval_minutes=None if interval is None else interval.interval_minutes,
        )
    )
    return wire.SetUpOut(message=DONE.format("Standalone"), bazarr_info=None)


def set_up_for_bazarr(app: App, address: wire.Address) -> wire.SetUpOut:
    """Serve Bazarr, with a key of its own. `address`: as the caller reached this server."""
    key = app.subtitles.setup.bazarr_slave()
    info = wire.BazarrOut(
        mode="bazarr_slave",
        host=address.host,
        port=address.port,
        api_key=key,
        provider_url=f"{address.url}/provider/{key}",
    )
    return wire.SetUpOut(message=DONE.format("Bazarr slave"), bazarr_info=info)
