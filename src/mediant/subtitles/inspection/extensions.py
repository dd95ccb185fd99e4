"""Which names are of media files, by their ends in lower case without the dot."""

VIDEO_EXTENSIONS = frozenset(
    {
        "3gp", "asf", "avi", "divx", "f4v", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg",
        "mpg", "ogv", "rm", "rmvb", "svq3", "ts", "vob", "webm", "wmv", "xvid",
    }
)  # fmt: skip

AUDIO_EXTENSIONS = frozenset(
    {
        "aac", "aiff", "alac", "ape", "flac", "m4a", "m4b", "mka", "mp3", "ogg", "opus", "wav",
        "wma", "wv",
    }
)  # fmt: skip

MEDIA_EXTENSIONS = VIDEO_EXTENSIONS | AUDIO_EXTENSIONS


def extension_of(name: str) -> str:
    """`mkv` of `Film.MKV`; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def split_name(name: str) -> tuple[str, str]:
    """Stem and extension: `Film.2020` and `mkv` of `Film.2020.mkv`."""
    extension = extension_of(name)
    return (name[: -len(extension) - 1] if extension else name), extension
