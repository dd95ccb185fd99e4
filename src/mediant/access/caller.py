"""Who calls, and what they may do."""

from dataclasses import dataclass, field
from typing import Literal

from mediant.access.scopes import Scope
from mediant.errors import Forbidden, Unauthorized

CallerKind = Literal["session", "key", "process", "local", "external", "anonymous"]


@dataclass(frozen=True, slots=True)
class Caller:
    """The one behind a request.

    kind: session (logged in), key (API key), process (this machine's command line), local (an
    address that needs no key), external (named by a trusted proxy), anonymous (nobody known).
    """

    name: str
    kind: CallerKind
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    hint: str | None = None
    """What would let an anonymous caller in, where it is something special."""

    def require(self, scope: Scope | str) -> None:
        """Pass, or raise `Unauthorized` for nobody and `Forbidden` for a caller without it."""
        if scope in self.scopes:
            return
        if self.kind == "anonymous":
            raise Unauthorized("A key or a login is needed.", remedy=self.hint)
        raise Forbidden(f"This needs the scope {scope}, which {self.name} does not have.")


ANONYMOUS = Caller("anonymous", "anonymous")
