"""Which codecs the made videos use in which container."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """FFmpeg's names of a container and of the encoders that fit it."""

    container: str
    sound: str
    picture: str = ""
    """Empty where there is none."""
    text: str = ""
    """Codec of subtitles as text; empty where there is none."""
    sound_rate: int | None = None
    """Hz, where the codec takes only some; None keeps the rate of the samples."""
    frame_rate: int = 5


FORMATS = {
    ".mkv": Format("matroska", "aac", "mpeg4", "subrip"),
    ".webm": Format("webm", "libopus", "libvpx", "webvtt", 48_000),
    ".mp4": Format("mp4", "aac", "mpeg4", "mov_text"),
    ".m4v": Format("mp4", "aac", "mpeg4", "mov_text"),
    ".mov": Format("mov", "aac", "mpeg4", "mov_text"),
    ".avi": Format("avi", "libmp3lame", "mpeg4"),
    ".ts": Format("mpegts", "aac", "mpeg2video", frame_rate=25),
    ".m2ts": Format("mpegts", "ac3", "mpeg2video", sound_rate=48_000, frame_rate=25),
    ".mpg": Format("mpeg", "mp2", "mpeg2video", sound_rate=48_000, frame_rate=25),
    ".vob": Format("vob", "ac3", "mpeg2video", sound_rate=48_000, frame_rate=25),
    ".wmv": Format("asf", "wmav2", "wmv2", sound_rate=44_100),
    ".flv": Format("flv", "aac", "flv1", sound_rate=44_100),
    ".mp3": Format("mp3", "libmp3lame"),
    ".m4a": Format("mp4", "aac"),
    ".mka": Format("matroska", "flac", text="subrip"),
    ".flac": Format("flac", "flac"),
    ".ogg": Format("ogg", "libopus", sound_rate=48_000),
    ".opus": Format("ogg", "libopus", sound_rate=48_000),
    ".wav": Format("wav", "pcm_s16le"),
}
"""By suffix."""

_PICTURES = {"pgs": "hdmv_pgs_subtitle", "vobsub": "dvd_subtitle", "dvb": "dvb_subtitle"}


def subtitle_codec(form: Format, kind: str) -> str:
    """FFmpeg's name of the codec of a subtitle of this kind (`text`, `ass`, `pgs`, ...)."""
    if kind == "text" and not form.text:
        raise ValueError(f"{form.container} holds no subtitles as text")
    return {"text": form.text, "ass": "ass", **_PICTURES}[kind]
