"""Tags in media files: read ours, write ours, take a write back; nothing else is ever touched.

Knows the containers (`id3`, `vorbis`, `mp4`, `flac`, `ogg`, `chunks` of WAV and AIFF), the one
table of names (`names`) and the safe write (`prepare`, `rebuild`, `temp`, `undo`). A write is a
recipe (`recipe`) over the old file, so that foreign bytes are copied, never written anew.
Must not know: databases, jobs, moods, which tags there are.
"""

from mediant.tagging.write.id3 import skip_tag
from mediant.tagging.write.names import normalise
from mediant.tagging.write.prepare import PreparedWrite, WrittenFile, prepare_write, read_own
from mediant.tagging.write.refusals import DamagedContainer, UnsupportedContainer
from mediant.tagging.write.sniff import sniff, supported_container
from mediant.tagging.write.temp import discard_leftover
from mediant.tagging.write.undo import UndoOutcome, undo_write

__all__ = [
    "DamagedContainer",
    "PreparedWrite",
    "UndoOutcome",
    "UnsupportedContainer",
    "WrittenFile",
    "discard_leftover",
    "normalise",
    "prepare_write",
    "read_own",
    "skip_tag",
    "sniff",
    "supported_container",
    "undo_write",
]
