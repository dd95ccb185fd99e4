"""Decoding in the sandbox: from a path to mono float32 at 16 kHz, block by block.

Nothing here holds more than a block, so the length of a file costs no memory.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mediant.errors import MediaError
from mediant.kernel.units import format_duration
from mediant.kernel.unreadable import unreadable
from mediant.tagging.ffmpeg import FFmpegSource
from mediant.tagging.libsndfile import LibsndfileSource
from mediant.tagging.media_source import RATES, DataError, Facts, MediaSource
from mediant.tagging.ogg_chain import OggChainSource
from mediant.tagging.resample import Resampler

HEAD_BYTES = 65_536

ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_ENCRYPTION = {
    "content encryption": bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    "extended content encryption": bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
    "advanced content encryption": bytes.fromhex("338505438169e6499b74ad12cb86d58c"),
}
"""GUIDs of ASF objects, in the byte order of the file."""

AUDIBLE_BRANDS = {b"aax ", b"aaxc"}

GUESSED_LENGTH = {"mp3", "aac", "ac3", "eac3", "dts", "truehd"}
"""Containers without a length; FFmpeg guesses it from the first frames' bit rate."""

GUESSED_ERROR = 0.1
EXACT_ERROR = 0.02
LEAST_MISSING_S = 0.3
"""A file that holds less than it announces, by more than these shares and seconds, is damaged."""

LOWEST_BIT_RATE = 3000
"""Bits a second: a header that claims more seconds than its bytes can hold is lying."""

SOURCES: tuple[Callable[[str], MediaSource], ...] = (FFmpegSource, OggChainSource, LibsndfileSource)
"""What reads a file, in the order of trying."""

Part = dict[str, Any] | memoryview


def decode(path: str, longest_s: float) -> Iterator[Part]:
    """Yield blocks of float32 samples as raw bytes and, at the end, what is known, as a dict.

    FFmpeg first; others when it refuses the data or finds most of it damaged. Then a part
    {"restart": True} takes back what was yielded. Raises MediaError.
    """
    size = _check_file(path)
    refusals: list[str] = []
    for kind in SOURCES:
        try:
            yield from _read(kind, path, size, longest_s, refusals)
        except DataError as error:
            refusals.append(str(error))
            yield {"restart": True}
        else:
            return
    raise MediaError("corrupt", ". ".join(filter(None, refusals)) + ".", asset=path)


def _check_file(path: str) -> int:
    """Size in bytes; raises MediaError missing, unreadable, empty or protected."""
    try:
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            head = file.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise MediaError("missing", "The file is not there.", asset=path) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise MediaError("unreadable", "This is not a file.", asset=path)
    if not status.st_size:
        raise MediaError("empty", "The file has no bytes.", asset=path)
    if why := find_protection(head):
        raise MediaError("protected", f"The audio is encrypted ({why}).", asset=path)
    return status.st_size


def find_protection(head: bytes) -> str | None:
    """The encryption that a file's first bytes announce; MP4's own is found when it is open."""
    if head[4:8] == b"ftyp" and head[8:12] in AUDIBLE_BRANDS:
        return "Audible"
    if head.startswith(ASF_HEADER):
        end = int.from_bytes(head[16:24], "little")
        return next((name for name, guid in ASF_ENCRYPTION.items() if guid in head[:end]), None)
    return None


def _read(
    kind: Callable[[str], MediaSource], path: str, size: int, longest_s: float, refusals: list[str]
) -> Iterator[Part]:
    try:
        source = kind(path)
        _check_announced(source, size, longest_s)
        yield from _resample(source, longest_s)
    except MediaError as error:
        raise MediaError(error.code, error.text, asset=path, transient=error.transient) from error
    facts = source.facts
    _judge(facts, path)
    if facts.decoder == "libsndfile":
        why = "; ".join(filter(None, refusals))
        facts.warnings.append(f"FFmpeg refused the file, libsndfile decoded it ({why}).")
    yield asdict(facts)


def _judge(facts: Facts, path: str) -> None:
    """Say what is missing. Raises DataError when most is, MediaError empty when nothing was."""
    if facts.damaged > facts.intact:
        text = f"{facts.decoder}: {facts.damaged} of {facts.damaged + facts.intact} parts damaged"
        raise DataError(text)
    if facts.damaged and not facts.warnings:
        facts.warnings.append(f"{facts.damaged} damaged parts were skipped.")
    announced = facts.announced_s or 0.0
    if not facts.decoded_s:
        if announced or facts.damaged:
            raise DataError(f"{facts.decoder}: none of the audio could be decoded")
        raise MediaError("empty", "The audio stream has no samples.", asset=path)
    share = GUESSED_ERROR if facts.container in GUESSED_LENGTH else EXACT_ERROR
    if announced - facts.decoded_s > max(LEAST_MISSING_S, share * announced):
        facts.damaged += 1
        there, said = format_duration(facts.decoded_s), format_duration(announced)
        facts.warnings.append(f"The file holds {there} of the {said} that it announces.")


def _check_announced(source: MediaSource, size: int, longest_s: float) -> None:
    """Refuse at once what a believable header calls too long; the count while decoding decides
    about all others."""
    facts = source.facts
    if facts.sample_rate not in RATES:
        raise DataError(f"{facts.decoder}: a sample rate of {facts.sample_rate} Hz")
    announced = facts.announced_s or 0.0
    is_guess = facts.container in GUESSED_LENGTH
    is_possible = size * 8 >= announced * LOWEST_BIT_RATE
    if announced > longest_s and is_possible and not is_guess:
        raise _too_long(longest_s, f"It lasts {format_duration(announced)}")


def _too_long(longest_s: float, found: str) -> MediaError:
    return MediaError("too_long", f"{found}; the limit is {format_duration(longest_s)}.")


def _resample(source: MediaSource, longest_s: float) -> Iterator[Part]:
    resampler = Resampler()
    for mono, rate in source.blocks():
        if rate not in RATES:
            raise DataError(f"{source.facts.decoder}: a sample rate of {rate} Hz")
        source.facts.decoded_s += len(mono) / rate
        if source.facts.decoded_s > longest_s:
            raise _too_long(longest_s, "It goes on and on")
        yield resampler.push(mono, rate).data.cast("B")
    yield resampler.finish().data.cast("B")
