"""Reading audio with libsndfile, for files that FFmpeg refuses. Runs in the sandbox."""

from collections.abc import Iterator

import numpy as np
import soundfile

from mediant.tagging.media_source import DataError, Facts, Samples, heal, pick_tags

BLOCK = 131_072
"""Samples a channel that are read at once."""


class LibsndfileSource:
    """The audio of a file that libsndfile knows."""

    def __init__(self, path: str) -> None:
        """Open the file. Raises DataError."""
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a file named .raw
            raise DataError(f"libsndfile: {_words(error)}") from error
        file = self._file
        self.facts = Facts(
            decoder="libsndfile",
            container=file.format.lower(),
            codec=file.subtype.lower(),
            sample_rate=file.samplerate,
            channels=file.channels,
            bit_rate=None,
            announced_s=file.frames / file.samplerate,
            tags=pick_tags(file.copy_metadata()),
        )

    def blocks(self) -> Iterator[tuple[Samples, int]]:
        """Mono blocks float32 [n], the mean over channels, with the rate in Hz."""
        with self._file as file:
            while (block := self._read(file)) is not None:
                self.facts.intact += 1
                mono = block.mean(axis=1, dtype=np.float32)
                yield heal(np.asarray(mono), self.facts), file.samplerate

    def _read(self, file: soundfile.SoundFile) -> Samples | None:
        try:
            block: Samples = file.read(BLOCK, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            self.facts.damaged += 1
            self.facts.warnings.append(f"Reading ended early: {_words(error)}")
            return None
        return block if len(block) else None


def _words(error: Exception) -> str:
    """libsndfile's own sentence, without the path before it; its wrong one for wrong formats."""
    words = str(getattr(error, "error_string", error))
    return "the format is not recognised" if "does not exist" in words else words
