"""What was said before the command: where the configuration is, how much to say."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediant.cli.plain import plain


@dataclass(frozen=True, slots=True)
class Options:
    """The global options. `verbosity`: -1 quiet, 0 normal, 1 and more say more."""

    config_dir: Path | None = None
    verbosity: int = 0

    @property
    def is_quiet(self) -> bool:
        """Whether only what went wrong is to be said."""
        return self.verbosity < 0

    def say(self, text: str) -> None:
        """One line of talk on stderr, unless quiet."""
        if not self.is_quiet:
            print(plain(text), file=sys.stderr, flush=True)

    def overrides(self, **more: Any) -> dict[str, Any]:
        """Settings fixed on the command line; None means not given."""
        given = {"config_dir": self.config_dir, **more}
        return {name: value for name, value in given.items() if value is not None}
