"""First come, first served."""

import threading

import pytest

from mediant.errors import Busy
from mediant.store.turn import Turn
from mediant.testing.waiting import PATIENCE_S


def test_turns_come_in_the_order_of_asking() -> None:
    turn, order = Turn(), list[int]()

    def take(n: int) -> None:
        with turn:
            order.append(n)

    threads = []
    with turn:
        for n in range(10):
            thread = threading.Thread(target=take, args=(n,))
            thread.start()
            while turn.waiting <= n:
                pass
            threads.append(thread)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == list(range(10))


def test_only_one_has_the_turn() -> None:
    turn, inside, most = Turn(), 0, 0

    def take() -> None:
        nonlocal inside, most
        for _ in range(500):
            with turn:
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert (most, inside, turn.waiting) == (1, 0, 0)


def test_an_error_inside_hands_the_turn_on() -> None:
    turn = Turn()
    with pytest.raises(ValueError, match="no"), turn:
        raise ValueError("no")
    with turn:
        pass


def test_asking_twice_is_an_error_not_a_deadlock() -> None:
    turn = Turn()
    with pytest.raises(RuntimeError), turn, turn:
        pass
    with turn:
        pass


def test_who_has_waited_long_enough_gives_up_and_the_others_go_on() -> None:
    turn, got = Turn(), list[str]()

    def take(name: str, patience_s: float) -> None:
        try:
            with turn.taken(patience_s):
                got.append(name)
        except Busy:
            got.append(f"no {name}")

    with turn:
        hasty = threading.Thread(target=take, args=("hasty", 0.05))
        hasty.start()
        while turn.waiting < 1 and not got:
            pass
        patient = threading.Thread(target=take, args=("patient", PATIENCE_S))
        patient.start()
        hasty.join(PATIENCE_S)
        assert got == ["no hasty"]
    patient.join(PATIENCE_S)
    assert got == ["no hasty", "patient"]
    assert turn.waiting == 0
