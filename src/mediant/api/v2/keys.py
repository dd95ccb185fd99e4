"""`/api/v2/keys`: API keys. A key is shown once, when it is made."""

from typing import Annotated

from fastapi import Response
from pydantic import AwareDatetime, Field

from mediant.access.scopes import Scope
from mediant.api.auth import ADMIN, AppDep
from mediant.api.numbers import RowId
from mediant.api.v2.problem import PREFIX, v2_router
from mediant.api.v2.wire import In, Moment, Out, Page

router = v2_router("keys")

Name = Annotated[str, Field(min_length=1, max_length=100)]


class KeyOut(Out):
    """A key without its secret."""

    id: int
    name: str
    hint: str = Field(description="Its first characters, to recognise it by.")
    scopes: list[str]
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None


class NewKeyIn(In):
    """A wish for a key."""

    name: Name
    scopes: list[Scope] = Field(default_factory=lambda: [Scope.READ, Scope.JOBS], min_length=1)
    expires_at: AwareDatetime | None = None


class NewKeyOut(Out):
    """A new key. This is the only time that its secret is seen."""

    id: int
    name: str
    scopes: list[str]
    key: str
    expires_at: Moment | None


@router.get("", dependencies=ADMIN)
def list_keys(app: AppDep) -> Page[KeyOut]:
    """All keys, revoked ones too."""
    return Page(items=[KeyOut.model_validate(key) for key in app.access.list_keys()])


@router.post("", status_code=201, dependencies=ADMIN)
def new_key(body: NewKeyIn, app: AppDep, response: Response) -> NewKeyOut:
    """Make a key."""
    expires_at = body.expires_at.timestamp() if body.expires_at else None
    key = app.access.new_key(body.name, body.scopes, expires_at)
    response.headers["Location"] = f"{PREFIX}/keys/{key.id}"
    return NewKeyOut.model_validate(key)


@router.delete("/{key_id}", status_code=204, dependencies=ADMIN)
def revoke_key(key_id: RowId, app: AppDep) -> None:
    """Make a key worthless, at once and for good."""
    app.access.revoke_key(key_id)
