"""What every door to `/api/v2` shares: its calls, and how an answer is read."""

from typing import Any, Protocol

import httpx2

from mediant.errors import MediantError

PREFIX = "/api/v2"


class Door(Protocol):
    """Calls of `/api/v2`; the answer's JSON, or a `MediantError`."""

    @property
    def is_alone(self) -> bool:
        """Whether the server lives in this process, where no other command can reach it."""
        ...

    def call(self, method: str, path: str, *, params: Any = None, body: Any = None) -> Any:
        """One call. `path` starts behind `/api/v2`; None values in `params` are left out."""
        ...


def drop_none(params: Any) -> Any:
    """What was really given."""
    return {name: value for name, value in (params or {}).items() if value is not None}


def read_answer(answer: httpx2.Response) -> Any:
    """The JSON of an answer. Raises the `MediantError` that it tells of."""
    if answer.is_success:
        return answer.json() if answer.content else None
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    error = MediantError(
        problem.get("detail") or f"The server answered {answer.status_code}.",
        asset=problem.get("asset"),
        remedy=problem.get("remedy"),
    )
    error.code = problem.get("code", "error")
    raise error
