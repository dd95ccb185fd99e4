"""An access room on both databases."""

from collections.abc import Callable

import pytest

from mediant.access import Access
from mediant.settings.model import AccessSettings
from mediant.store import Database

PASSWORD = "correct horse"

Make = Callable[..., Access]


@pytest.fixture
def make(database: Database) -> Make:
    """Makes an access room with these settings, as another server process would have it.

    It forgets no failure, however long the machine takes to compare passwords.
    """

    def make_access(**settings: object) -> Access:
        return Access(database, AccessSettings.model_validate(settings), clock=lambda: 0.0)

    return make_access


@pytest.fixture
def access(make: Make) -> Access:
    """The access room after its first start, with a known password."""
    room = make()
    room.first_start(PASSWORD)
    return room
