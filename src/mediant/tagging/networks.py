"""The networks of a suite, opened on first use and kept between tracks."""

from mediant.models.network import Accelerator, Network
from mediant.models.registry import Backbone, Head, Suite
from mediant.models.runtime import open_network


class Networks:
    """Opened networks of one suite. Belongs to one worker."""

    def __init__(self, suite: Suite, accelerator: Accelerator = "auto") -> None:
        self.suite = suite
        self._accelerator: Accelerator = accelerator
        self._open: dict[tuple[str, str], Network] = {}

    def get(self, model: Backbone | Head) -> Network:
        """The network of a backbone or a head; ModelError when it cannot be opened."""
        key = (type(model).__name__, str(model.graph))
        if key not in self._open:
            self._open[key] = open_network(model.graph, accelerator=self._accelerator)
        return self._open[key]

    def version(self, model: Backbone | Head) -> str:
        """The model's version, marked when the device computes it less exactly."""
        return model.version + self.get(model).version_suffix

    def close(self) -> None:
        """Close them all; they open again when they are needed."""
        while self._open:
            self._open.popitem()[1].close()
