"""Staffing: seats that come and go with the wishes of those who own a lane."""

from collections import Counter
from collections.abc import Sequence

from mediant.jobs.crew import Crew, Seat
from mediant.jobs.lane import NO_WISH, FindFault, LaneWish, LaneWishes

_UNKNOWN: tuple[str | None, ...] = ()


class Staff:
    """Keeps the crew as the lanes' owners want it. But for `add`, the dispatcher's thread only."""

    def __init__(self, crew: Crew, wishes: LaneWishes, find_fault: FindFault) -> None:
        self._crew = crew
        self._ask = wishes
        self._find_fault = find_fault
        self._wishes = dict(wishes())
        self._planned: dict[str, tuple[str | None, ...]] = {}

    def wish(self, lane: str) -> LaneWish:
        """The present wish for a lane; an empty one where nobody owns it."""
        return self._wishes.get(lane, NO_WISH)

    def add(self, lane: str, device: str | None, *, is_planned: bool = False) -> str:
        """A new seat; its name. One on a device that is not there never gets a process."""
        fault = None if device is None else self._find_fault(device)
        seat = self._crew.add(
            lane, device, fault=fault, is_lazy=self.wish(lane).is_lazy, is_planned=is_planned
        )
        return seat.name

    def review(self) -> list[Seat]:
        """Ask for the wishes, add seats that are wanted now, and give those that are not.

        Only a wish that changed moves anything: a seat that somebody removed stays away.
        """
        self._wishes = dict(self._ask())
        surplus: list[Seat] = []
        for lane, wish in self._wishes.items():
            if self._planned.get(lane, _UNKNOWN) != wish.devices:
                surplus += self._apply(lane, wish)
        self._forgive()
        return surplus

    def caps(self) -> dict[str, int]:
        """How many more jobs may start now, in lanes that have a limit."""
        running = Counter(seat.lane for seat in self._crew for _ in seat.slots)
        return {
            lane: max(0, wish.running - running[lane])
            for lane, wish in self._wishes.items()
            if wish.running is not None
        }

    def sleepers(self) -> dict[str, list[Seat]]:
        """Seats whose process starts when it is called, by lane; those with a device first."""
        found: dict[str, list[Seat]] = {}
        for seat in self._crew:
            if seat.is_asleep:
                found.setdefault(seat.lane, []).append(seat)
        for seats in found.values():
            seats.sort(key=lambda seat: seat.device is None)
        return found

    def call(self, lane: str, seats: Sequence[Seat], n_waiting: int, n_taken: int) -> None:
        """Let so many sleepers start that the waiting jobs find somebody.

        `n_taken` jobs were claimed just now by seats that do not hold them yet.
        """
        free = self.caps().get(lane, n_waiting + n_taken) - n_taken
        coming = sum(seat.is_coming for seat in self._crew if seat.lane == lane) - n_taken
        for seat in seats[: max(0, min(n_waiting, free) - coming)]:
            seat.is_called = True

    def _apply(self, lane: str, wish: LaneWish) -> list[Seat]:
        wanted = Counter(wish.devices)
        surplus: list[Seat] = []
        for seat in reversed([one for one in self._crew if one.lane == lane and one.is_planned]):
            if seat.is_leaving:
                continue
            if wanted[seat.device] > 0:
                wanted[seat.device] -= 1
            else:
                surplus.append(seat)
        for device in wish.devices:
            if wanted[device] > 0:
                wanted[device] -= 1
                self.add(lane, device, is_planned=True)
        self._planned[lane] = wish.devices
        return surplus

    def _forgive(self) -> None:
        """Seats whose dead process was not to be replaced, where it is by now."""
        for seat in self._crew:
            if seat.is_down and self.wish(seat.lane).restarts:
                seat.is_down, seat.fault = False, None
