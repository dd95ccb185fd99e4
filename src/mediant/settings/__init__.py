"""Settings: one typed model, its sources, its description.

Knows: every setting, its default and where it comes from (defaults < mediant.yaml < `setting`
table < environment). Public: `Settings`, `load_settings`. Must not know: any room.
"""

from mediant.settings.model import Settings
from mediant.settings.sources import load_settings

__all__ = ["Settings", "load_settings"]
