"""Domain events: what happened, told to whoever listens.

Knows: topics, the in-process bus, the 24 h history. Public: `Event`, `EventBus`. Listeners are
SSE, notifications and metrics. Must not know: who listens, or what a topic means.
"""

from mediant.events.topics import Event

__all__ = ["Event"]
