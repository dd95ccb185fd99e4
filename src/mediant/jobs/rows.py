"""Rows of the job table as values, and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgpack

from mediant.errors import Invalid
from mediant.jobs.job import Job, JobState

JOB_FIELDS = tuple(column.name for column in fields(Job))
COLUMNS = ", ".join(JOB_FIELDS)
"""The columns of a job in the order of `Job`, for a SELECT."""

_AT = {name: place for place, name in enumerate(JOB_FIELDS)}
KIND, ATTEMPT = _AT["kind"], _AT["attempt"]
"""Places in such a row."""
_ID, _STATE, _ROOT = _AT["id"], _AT["state"], _AT["root_id"]
_PAYLOAD, _RESULT, _CANCEL = _AT["payload"], _AT["result"], _AT["cancel"]


def to_job(row: Sequence[Any], changed: Mapping[str, Any] | None = None) -> Job:
    """The job of a row that has `COLUMNS`, but for what has `changed` since it was read.

    A stored root_id of NULL means the job itself.
    """
    values = list(row)
    for name, value in (changed or {}).items():
        values[_AT[name]] = value
    values[_STATE] = JobState(values[_STATE])
    values[_PAYLOAD] = json.loads(values[_PAYLOAD])
    values[_CANCEL] = bool(values[_CANCEL])
    if values[_RESULT] is not None:
        values[_RESULT] = json.loads(values[_RESULT])
    if values[_ROOT] is None:
        values[_ROOT] = values[_ID]
    return Job(*values)


def to_json(value: Mapping[str, Any]) -> str:
    """Small JSON for a column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_payload(payload: Mapping[str, Any]) -> str:
    """A payload for its column. Invalid for what no worker could be told, such as a number beyond
    64 bits: the dispatcher would meet it again and again, and nobody else's job would begin."""
    try:
        msgpack.packb(payload)
    except (OverflowError, TypeError, ValueError) as bad:
        raise Invalid(f"A worker cannot be told this wish: {bad}.") from bad
    return to_json(payload)
