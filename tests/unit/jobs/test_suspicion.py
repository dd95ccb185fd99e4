"""Who is charged with a server's death, played through with guilty and innocent jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mediant.jobs.suspicion import LEAVING, NOTHING, SHARED_LIMIT, Charge, Lost, charge

DEATHS = 3

owners = st.sampled_from(["1:1.000", "2:2.000", f"2:2.000{LEAVING}"])
crowds = st.lists(st.builds(Lost, st.integers(1, 99), owners), unique_by=lambda job: job.id)


@given(crowds)
def test_one_death_is_one_charge_or_shared_by_all(lost: list[Lost]) -> None:
    charged = charge(lost, here="1:1.000")
    assert charged.keys() == {job.id for job in lost}
    blamed = [charged[job.id] for job in lost if job.owner == "2:2.000"]
    spared = [charged[job.id] for job in lost if job.owner != "2:2.000"]
    assert set(spared) <= {NOTHING}
    assert set(blamed) <= {Charge(1, 0) if len(blamed) == 1 else Charge(0, 1)}


@dataclass
class Played:
    """One job of a played server."""

    id: int
    is_guilty: bool
    deaths: int = 0
    server_deaths: int = 0


def choose(waiting: Sequence[Played], workers: int) -> list[Played]:
    """What runs together, by the rule: one that runs alone when it is its turn, else the others
    up to it."""
    if waiting[0].server_deaths >= SHARED_LIMIT:
        return [waiting[0]]
    chosen = []
    for job in waiting[:workers]:
        if job.server_deaths >= SHARED_LIMIT:
            break
        chosen.append(job)
    return chosen


def play(jobs: list[Played], workers: int, kills: set[int]) -> tuple[list[Played], int]:
    """Run all to their ends on a server that guilty jobs fell, and that is killed from outside in
    these rounds; who was poisoned, and how many deaths it took."""
    poisoned: list[Played] = []
    waiting, round_, n_deaths = list(jobs), 0, 0
    while waiting:
        running, round_ = choose(waiting, workers), round_ + 1
        if round_ not in kills and not any(job.is_guilty for job in running):
            waiting = [job for job in waiting if job not in running]
            continue
        n_deaths += 1
        charged = charge([Lost(job.id, "gone") for job in running], here="here")
        for job in running:
            job.deaths += charged[job.id].deaths
            job.server_deaths += charged[job.id].server_deaths
            if job.deaths >= DEATHS:
                poisoned.append(job)
                waiting.remove(job)
    return poisoned, n_deaths


guilt = st.lists(st.sampled_from([False, False, False, True]), min_size=1, max_size=30)


@given(guilt, st.integers(1, 8))
def test_every_guilty_job_is_found_and_no_other(flags: list[bool], workers: int) -> None:
    jobs = [Played(n, flag) for n, flag in enumerate(flags)]
    poisoned, n_deaths = play(jobs, workers, set())
    assert [job.id for job in poisoned] == [job.id for job in jobs if job.is_guilty]
    assert n_deaths <= (DEATHS + SHARED_LIMIT) * sum(flags)


@given(guilt, st.integers(1, 8), st.sets(st.integers(1, 40), max_size=2))
def test_two_kills_from_outside_condemn_nobody(
    flags: list[bool], workers: int, kills: set[int]
) -> None:
    jobs = [Played(n, flag) for n, flag in enumerate(flags)]
    poisoned, _ = play(jobs, workers, kills)
    assert [job.id for job in poisoned] == [job.id for job in jobs if job.is_guilty]


@given(st.integers(2, 8))
def test_bystanders_survive_four_kills_in_a_row(workers: int) -> None:
    """Two are shared, two hit the one that runs alone then; only a fifth would condemn it."""
    poisoned, _ = play([Played(n, is_guilty=False) for n in range(workers)], workers, {1, 2, 3, 4})
    assert poisoned == []
