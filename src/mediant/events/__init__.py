"""Domain events: what happened, told to whoever listens.

Knows: topics, the in-process bus, the 24 h history, and the unbroken stream of both. Public:
`Event`, `EventBus`, `Subscription`, `EventHistory`, `open_stream`. Listeners are SSE, notifications
and metrics. Must not know: who listens, or what a topic means.
"""

from mediant.events.bus import EventBus, Subscription
from mediant.events.history import EventHistory
from mediant.events.stream import EventStream, open_stream
from mediant.events.topics import Event

__all__ = ["Event", "EventBus", "EventHistory", "EventStream", "Subscription", "open_stream"]
