"""Which topics a listener wants: `job.done`, `job.*` or `*`."""

from collections.abc import Sequence

ALL = ("*",)


class TopicPattern:
    """A set of topics. `job.*` holds every topic that begins with `job.`; `*` holds all."""

    def __init__(self, topics: Sequence[str] = ALL) -> None:
        self._everything = "*" in topics
        self._names = frozenset(topics)
        self._stems = tuple(topic[:-1] for topic in topics if topic.endswith(".*"))

    def __contains__(self, topic: object) -> bool:
        """Whether a topic is wanted."""
        if self._everything or topic in self._names:
            return True
        return isinstance(topic, str) and topic.startswith(self._stems)
