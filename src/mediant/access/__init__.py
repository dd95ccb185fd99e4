"""Who may call: the password, sessions, API keys, local addresses, trusted proxies.

Knows: credentials (as hashes only), scopes, the three modes, throttling of failures. Public:
`Access`, `Origin`, `Caller`, `Scope`, `NewSession`, `NewKey`, `KeyInfo`, `FirstCredentials`. Must
not know: HTTP (the edge reads headers and cookies and hands over an `Origin`), or any route.
"""

from mediant.access.access import Access, FirstCredentials
from mediant.access.addresses import FORWARDED_HEADERS, Origin
from mediant.access.caller import ANONYMOUS, Caller
from mediant.access.keys import KeyInfo, NewKey
from mediant.access.scopes import Scope
from mediant.access.sessions import NewSession

__all__ = [
    "ANONYMOUS",
    "FORWARDED_HEADERS",
    "Access",
    "Caller",
    "FirstCredentials",
    "KeyInfo",
    "NewKey",
    "NewSession",
    "Origin",
    "Scope",
]
