"""Speaks to one configured service.

Its address comes from the owner and may be private; a redirect is never followed, because it would
carry the token to an address that the owner did not choose. Errors name the service and the host,
never a token or a query.
"""

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from mediant.errors import NotFound, Refused, Unavailable

CONNECT_S = 5.0
ANSWER_S = 30.0
CONNECT_TRIES = 2
"""Further tries when no connection comes about: nothing was sent yet, so any call may try."""
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which the same call may succeed later."""


class ServiceDown(Unavailable):
    """The service does not answer now."""

    transient = True


class ServiceClient:
    """JSON over HTTP with one service. Used from one thread."""

    def __init__(
        self, service: str, base_url: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """`service`: its name for people. `headers` carry its token."""
        self.service = service
        self._host = urlsplit(base_url).netloc.rpartition("@")[2]
        self._client = httpx2.Client(
            base_url=base_url,
            headers={"Accept": "application/json", **(headers or {})},
            timeout=httpx2.Timeout(ANSWER_S, connect=CONNECT_S),
            transport=httpx2.HTTPTransport(retries=CONNECT_TRIES),
            follow_redirects=False,
        )

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at a path. Raises as `send`, and `Refused` for what is no JSON."""
        answer = self.send("GET", path, params)
        try:
            return answer.json()
        except ValueError as error:
            raise self._refused("It answered something that is not JSON.") from error

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> httpx2.Response:
        """A call that the service accepted.

        Raises `ServiceDown` when a later try may work, `NotFound` for 404, `Refused` for any
        other answer than success.
        """
        try:
            answer = self._client.request(method, path, params=params, json=body)
        except httpx2.TransportError as error:
            raise ServiceDown(
                f"{self.service} cannot be reached ({type(error).__name__}).", asset=self._host
            ) from error
        if answer.is_success:
            return answer
        raise self._failure(answer.status_code)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _failure(self, status: int) -> Exception:
        if status in PASSING:
            return ServiceDown(f"{self.service} answered {status}.", asset=self._host)
        if status in {401, 403}:
            return self._refused(f"It answered {status}.", "Check its token in the settings.")
        if status == httpx2.codes.NOT_FOUND:
            return NotFound(f"{self.service} does not know it.", asset=self._host)
        if httpx2.codes.is_redirect(status):
            remedy = "Configure the address that it redirects to."
            return self._refused(f"It redirects ({status}), which is not followed.", remedy)
        return self._refused(f"It answered {status}.")

    def _refused(self, text: str, remedy: str | None = None) -> Refused:
        return Refused(f"{self.service}: {text}", asset=self._host, remedy=remedy)
