"""What these routes have in common: OpenAI's shape of an error."""

from typing import Any

from mediant.api.errors import Failure, family_route

PREFIX = "/v1/audio"

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def envelope(failure: Failure) -> dict[str, Any]:
    """`{"error": {message, type, param, code}}`."""
    is_ours = failure.status >= 500
    kind = "server_error" if is_ours else _TYPES.get(failure.status, "invalid_request_error")
    code = "invalid_api_key" if failure.status == 401 else failure.code
    return {"error": {"message": str(failure), "type": kind, "param": None, "code": code}}


OpenAiRoute = family_route(envelope, invalid_status=400)
