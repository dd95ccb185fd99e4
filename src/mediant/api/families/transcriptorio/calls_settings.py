"""What the routes of settings ask of the core.

The family knows 409 for a key that exists only: a setting that cannot be changed is 400.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mediant.api.families.transcriptorio import wire_settings as wire
from mediant.app import App
from mediant.errors import Invalid, Refused
from mediant.subtitles.subtitle_settings import SettingEntry


def change(app: App, key: str, value: str) -> SettingEntry:
    """Give a setting another value. Raises `NotFound` and `Invalid`."""
    with _fixed_is_invalid():
        return app.subtitles.keys.put(key, value)


def change_many(app: App, values: Mapping[str, str]) -> int:
    """Give many settings other values, all or none; how many. Raises `Invalid` for all faults."""
    with _fixed_is_invalid():
        return app.subtitles.keys.change(values)


def create(app: App, wish: wire.NewSettingIn) -> SettingEntry:
    """A setting of the user's own. Raises `Refused` for a key that exists, and `Invalid`."""
    return app.subtitles.keys.create(
        wish.key,
        wish.value,
        description=wish.description,
        category=wish.category,
        value_type=wish.value_type,
    )


def remove(app: App, key: str) -> None:
    """Forget a setting, or give it its default again. Raises `NotFound` and `Invalid`."""
    with _fixed_is_invalid():
        app.subtitles.keys.remove(key)


@contextmanager
def _fixed_is_invalid() -> Iterator[None]:
    try:
        yield
    except Refused as fixed:
        raise Invalid(fixed.text, asset=fixed.asset, remedy=fixed.remedy) from fixed
