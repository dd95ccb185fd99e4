"""Apertium: translation by rules, as a program of its own where a user installed one.

Sentences go through it as paragraphs, parted by blank lines, because it takes words on two lines
for neighbours. Its own markings of unknown words are switched off, so a star in the text stays one.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO

from mediant.errors import ModelError
from mediant.kernel.clock import monotonic_s
from mediant.kernel.languages import UNKNOWN
from mediant.subtitles.translate.tokens import code_of
from mediant.subtitles.translate.translator import Advance

PROGRAM = "apertium"

_BATCH = 200
"""Sentences a start; starting costs a tenth of a second, and a batch about as much again."""
_LOOK_S = 0.1
_CPU_S = 60
_DATA_KIB = 2 << 20
_LIST_LIMIT_S = 10.0
_UNDER_LIMITS = 'ulimit -t "$1" && ulimit -d "$2" && shift 2 && exec "$@"'
_PARTED = "\n\n"


def list_pairs() -> tuple[tuple[str, str, str], ...]:
    """Source, target (canonical codes) and mode of what is installed; empty without Apertium."""
    program = shutil.which(PROGRAM)
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "-l"], capture_output=True, timeout=_LIST_LIMIT_S, check=False, env=_env()
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return read_pairs(done.stdout.decode(errors="replace"))


def read_pairs(listing: str) -> tuple[tuple[str, str, str], ...]:
    """The same out of what `apertium -l` prints."""
    found = []
    for mode in listing.split():
        source, _, target = mode.partition("-")
        pair = code_of(source), code_of(target.split("@")[0])
        if UNKNOWN not in pair and pair[0] != pair[1]:
            found.append((*pair, mode))
    return tuple(found)


class ApertiumTranslator:
    """One mode, such as `spa-eng`."""

    def __init__(self, mode: str, *, limit_s: float = 120.0) -> None:
        """`limit_s`: how long 200 sentences may take. ModelError without the program."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise ModelError("Apertium is not installed.", remedy="Install Debian's apertium.")
        self._command = ["sh", "-c", _UNDER_LIMITS, "sh", str(_CPU_S), str(_DATA_KIB)]
        self._command += [program, "-u", "-f", "txt", mode]
        self._mode = mode
        self._limit_s = limit_s

    def translate(
        self,
        texts: Sequence[str],
        source: str,  # noqa: ARG002 (the mode is for one pair)
        target: str,  # noqa: ARG002
        advance: Advance,
    ) -> list[str]:
        """As the port says. The program is killed when `advance` raises."""
        done: list[str] = []
        for begin in range(0, len(texts), _BATCH):
            share = begin / len(texts)
            done += self._translate_batch(texts[begin : begin + _BATCH], share, advance)
        return done

    def close(self) -> None:
        """Nothing is kept between calls."""

    def _translate_batch(self, texts: Sequence[str], share: float, advance: Advance) -> list[str]:
        paragraphs = [" ".join(text.replace("\0", "").split()) for text in texts]
        answer = self._run(_PARTED.join(paragraphs) + "\n", share, advance)
        found = [" ".join(part.split()) for part in answer.strip("\n").split(_PARTED)]
        if len(found) != len(texts):
            text = f"It gave {len(found)} sentences for {len(texts)}."
            raise ModelError(text, asset=f"{PROGRAM} {self._mode}")
        if not all(found):
            raise ModelError("It gave nothing for a sentence.", asset=f"{PROGRAM} {self._mode}")
        return found

    def _run(self, text: str, share: float, advance: Advance) -> str:
        """What the program prints for `text`. Files instead of pipes: neither side can block."""
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as taken,
            tempfile.TemporaryFile() as complaints,
        ):
            given.write(text.encode(errors="replace"))
            given.seek(0)
            process = subprocess.Popen(
                self._command,
                stdin=given,
                stdout=taken,
                stderr=complaints,
                env=_env(),
                start_new_session=True,
            )
            try:
                self._wait(process, share, advance)
            finally:
                _kill_all(process)
            if process.returncode != 0:
                raise self._failed(f"It ended with status {process.returncode}.", complaints)
            taken.seek(0)
            return taken.read().decode(errors="replace")

    def _wait(self, process: "subprocess.Popen[bytes]", share: float, advance: Advance) -> None:
        """Until it ends by itself; ModelError when that takes too long."""
        deadline = monotonic_s() + self._limit_s
        while True:
            advance(share)
            try:
                process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                if monotonic_s() > deadline:
                    text = f"It took longer than {self._limit_s:g} s."
                    raise ModelError(text, asset=f"{PROGRAM} {self._mode}") from None
            else:
                return

    def _failed(self, text: str, complaints: IO[bytes]) -> ModelError:
        complaints.seek(0)
        words = complaints.read(2000).decode(errors="replace").strip()
        return ModelError(f"{text} {words}".strip(), asset=f"{PROGRAM} {self._mode}")


def _kill_all(process: "subprocess.Popen[bytes]") -> None:
    """The program is a pipeline of many: all of its session go."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _env() -> dict[str, str]:
    """Without our own variables, which hold secrets; texts are UTF-8 whatever the server's are."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MEDIANT_")}
    return {**kept, "LC_ALL": "C.UTF-8"}
