"""The `mediant` command as a person runs it: a process of its own with two output streams."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediant.testing.waiting import PATIENCE_S


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def complaint(self) -> str:
        """The one line in which a command says what is wrong."""
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True)
class Shell:
    """Runs commands on one configuration folder."""

    config_dir: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, stdin: str = "") -> Finished:
        done = subprocess.run(
            self._command(arguments),
            input=stdin,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """A command that runs until it is told to end."""
        return subprocess.Popen(
            self._command(arguments),
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _command(self, arguments: tuple[object, ...]) -> list[str]:
        command = [sys.executable, "-m", "mediant", "--config-dir", str(self.config_dir)]
        return [*command, *map(str, arguments)]

    def _environ(self) -> dict[str, str]:
        return {**os.environ, "COLUMNS": "200", **self.environ}

    def well(self, *arguments: object, stdin: str = "") -> Finished:
        """A command that must succeed."""
        done = self(*arguments, stdin=stdin)
        assert done.code == 0, done
        return done
