"""Models: which networks there are, how they get here, and how they run.

Knows the catalog, the models folder, ONNX graphs and their metadata, and the devices they run on.
Public: `Models` (list, pull, verify, remove, suite), `Suite` with `Backbone`, `Head` and
`Refusal`; for workers `mediant.models.runtime.open_network`. Must not know audio, tags in files,
jobs or the database.
"""

from mediant.models.models import ModelFinding, ModelInfo, Models
from mediant.models.step import PullStep
from mediant.models.suite import Backbone, Head, Refusal, Suite

__all__ = [
    "Backbone",
    "Head",
    "ModelFinding",
    "ModelInfo",
    "Models",
    "PullStep",
    "Refusal",
    "Suite",
]
