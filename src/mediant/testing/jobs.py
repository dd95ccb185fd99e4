"""Kinds of jobs that do nothing useful, each in its own way, for tests and benchmarks."""

from sqlalchemy import Connection

from mediant.errors import MediaError
from mediant.jobs.job import Job, NewJob, Payload
from mediant.jobs.kind import CANCEL_S, Committed, JobKind, Result


def _absorb_as_children(_tx: Connection, _job: Job, part: Result) -> Committed:
    return Committed(children=[NewJob("noop", dedup_key=f"part-{part['n']}")])


def _refuse_part(_tx: Connection, _job: Job, _part: Result) -> Committed:
    raise MediaError("corrupt", "This part cannot be kept.")


def _plan(_tx: Connection, job: Job, _result: Result) -> Committed:
    children = [NewJob(**child) for child in job.payload["children"]]
    return Committed(children=children, summary={"planned": len(children)})


def _refuse_result(_tx: Connection, _job: Job, _result: Result) -> Committed:
    raise ValueError("this result cannot be kept")


def _refuse_payload(_tx: Connection, _job: Job) -> Payload:
    raise MediaError("missing", "There is nothing to work on.", asset="song.mp3")


def _mourn(_tx: Connection, job: Job, code: str, _text: str) -> Committed:
    return Committed(jobs=[NewJob("noop", {"mourns": job.id, "code": code})])


def merge_longest(old: Payload, new: Payload) -> Payload:
    """The longer sleep of two."""
    return {**old, "seconds": max(old["seconds"], new["seconds"])}


def _named(function: str) -> str:
    return f"mediant.testing.handlers:{function}"


def make_kinds(
    max_tries: int = 3, hang_s: float = 600.0, cancel_s: float = CANCEL_S
) -> dict[str, JobKind]:
    """Every kind of this module by its name."""
    names = (
        "sleep",
        "stubborn",
        "crash",
        "segfault",
        "fell",
        "fail",
        "emit",
        "count_tools",
        "noop",
    )
    kinds = {
        name: JobKind(name, _named(name), max_tries=max_tries, hang_s=hang_s, cancel_s=cancel_s)
        for name in names
    }
    kinds["stamp"] = JobKind("stamp", _named("stamp"))
    kinds["place"] = JobKind("place", _named("place"))
    kinds["brief"] = JobKind("brief", _named("noop"), brief=True)
    kinds["brief_stamp"] = JobKind("brief_stamp", _named("stamp"), brief=True)
    kinds["brief_sleep"] = JobKind("brief_sleep", _named("sleep"), brief=True)
    kinds["mourned"] = JobKind("mourned", _named("sleep"), failed=_mourn)
    kinds["merged"] = JobKind("merged", _named("sleep"), merge=merge_longest)
    kinds["plan"] = JobKind("plan", _named("noop"), commit=_plan)
    kinds["emit_children"] = JobKind("emit_children", _named("emit"), absorb=_absorb_as_children)
    kinds["emit_refused"] = JobKind("emit_refused", _named("emit"), absorb=_refuse_part)
    kinds["unkept"] = JobKind("unkept", _named("noop"), commit=_refuse_result)
    kinds["unprepared"] = JobKind("unprepared", _named("noop"), prepare=_refuse_payload)
    kinds["nowhere"] = JobKind("nowhere", "mediant.testing.handlers:not_there")
    return kinds
