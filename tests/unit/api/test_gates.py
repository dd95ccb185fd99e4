"""So many at once, and nobody waits for ever."""

import anyio
import anyio.lowlevel
import pytest

from mediant.api.gates import Gate
from mediant.errors import Busy


def test_only_so_many_are_inside_and_all_get_through() -> None:
    inside, most, through = 0, 0, 0

    async def pass_through(gate: Gate) -> None:
        nonlocal inside, most, through
        async with gate.passed():
            inside += 1
            most = max(most, inside)
            await anyio.lowlevel.checkpoint()
            inside -= 1
            through += 1

    async def crowd() -> None:
        gate = Gate(3)
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(pass_through, gate)

    anyio.run(crowd)
    assert (most, inside, through) == (3, 0, 20)


def test_who_finds_no_room_in_time_is_told_and_the_room_is_not_lost() -> None:
    async def crowd() -> str:
        gate = Gate(1, patience_s=0.01)
        async with gate.passed():
            with pytest.raises(Busy):
                async with gate.passed():
                    pass
        return await gate.run(lambda: "let in")

    assert anyio.run(crowd) == "let in"


def test_an_error_inside_leaves_the_gate_open() -> None:
    async def crowd() -> str:
        gate = Gate(1)
        with pytest.raises(ValueError, match="no"):
            async with gate.passed():
                raise ValueError("no")
        return await gate.run(lambda: "let in")

    assert anyio.run(crowd) == "let in"
