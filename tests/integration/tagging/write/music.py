"""What the tests of the tag writers share: writing, listening, looking with other eyes."""

import hashlib

import av
import mutagen
from mutagen.id3 import ID3

from mediant.tagging.write import prepare_write

WRITABLE = ("mp3", "m4a", "flac", "ogg", "opus", "wav", "aiff")
TAGS = {
    "mood-strict": ["happy", "relaxed"],
    "mood-loose": ["happy", "party", "relaxed"],
    "mood_happy": ["0.8123"],
    "female": ["0.0012"],
    "nom_version": ["0123456789ab"],
}


def write(path, tags, *, namespace="nom", keep_mtime=True, **options):
    """Prepare and apply; what was prepared."""
    prepared = prepare_write(path, tags, namespace=namespace, keep_mtime=keep_mtime, **options)
    assert prepared is not None
    prepared.apply()
    return prepared


def samples_of(path):
    """A hash of every decoded sample."""
    total = hashlib.sha256()
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            total.update(frame.to_ndarray().tobytes())
    return total.hexdigest()


def seen_by_a_player(path):
    """Name -> value as FFmpeg shows them, of container and stream."""
    with av.open(str(path)) as container:
        both = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.lower(): value for name, value in both.items()}


def tags_by_mutagen(path):
    """Every tag as another library sees it, in plain text."""
    tags = mutagen.File(path).tags
    if isinstance(tags, ID3):
        return {key: str(frame) for key, frame in tags.items()}
    return {key: [bytes(v) if isinstance(v, bytes) else v for v in tags[key]] for key in dict(tags)}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).digest()
