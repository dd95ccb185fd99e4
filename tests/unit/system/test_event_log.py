"""Details are logged while they are wished for, and only then."""

import logging
from collections.abc import Iterator

import pytest

from mediant.events.bus import EventBus
from mediant.events.topics import Event
from mediant.system.event_log import ROOT, EventLog
from mediant.testing.waiting import wait_until


class Wish:
    """A switch, and the log that follows it."""

    def __init__(self) -> None:
        self.bus = EventBus()
        self.is_on = False
        self.log = EventLog(self.bus, lambda: self.is_on)

    def turn(self, *, is_on: bool) -> None:
        """Change the wish, and wait until the log has followed."""
        self.is_on = is_on
        self.bus.publish([Event("settings.changed", {"names": ["subtitles.debug"]})])
        wait_until(lambda: (ROOT.level == logging.DEBUG) == is_on and self.bus.n_listeners == 1)


@pytest.fixture
def wish() -> Iterator[Wish]:
    """A log that follows."""
    made = Wish()
    made.log.start()
    wait_until(lambda: made.bus.n_listeners == 1)
    yield made
    made.log.stop()
    assert ROOT.level == logging.NOTSET
    assert made.bus.n_listeners == 0


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.message for one in caplog.records if one.name == "mediant.system.event_log"]


def test_events_are_lines_while_it_is_wished(wish: Wish, caplog: pytest.LogCaptureFixture) -> None:
    wish.bus.publish([Event("job.started", {"job_id": 1})])
    wish.turn(is_on=True)
    wish.bus.publish([Event("job.started", {"job_id": 2})])
    wait_until(lambda: "job.started {'job_id': 2}" in _lines(caplog))
    wish.turn(is_on=False)
    wish.bus.publish([Event("job.started", {"job_id": 3})])
    assert not any("'job_id': 1" in line or "'job_id': 3" in line for line in _lines(caplog))


def test_it_ends_while_it_is_wished(wish: Wish) -> None:
    wish.turn(is_on=True)


def test_it_ends_when_the_bus_does(wish: Wish) -> None:
    wish.bus.close()
