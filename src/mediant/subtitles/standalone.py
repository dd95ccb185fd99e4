"""Whether this server does work of its own, besides that for Bazarr."""

from mediant.errors import Refused
from mediant.settings.subtitles import SubtitlesSettings


def require_standalone(settings: SubtitlesSettings) -> None:
    """`Refused` while `operation_mode` lacks `standalone`."""
    if not settings.is_standalone:
        raise Refused(
            "This server works for Bazarr only.",
            asset="setting subtitles.operation_mode",
            remedy="Run: mediant settings set subtitles.operation_mode standalone,provider",
        )
