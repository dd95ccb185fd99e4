"""HTTP to services that the owner has configured.

Knows: time limits, which failures pass, what may be shown of an address.
Public: `ServiceClient`, `ServiceDown`, `PASSING`.
Must not know: any service's API, the database, how work is queued.
"""

from mediant.http.client import PASSING, ServiceClient, ServiceDown

__all__ = ["PASSING", "ServiceClient", "ServiceDown"]
