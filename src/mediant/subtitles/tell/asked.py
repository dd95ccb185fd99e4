"""What new videos need: a scan by the rules, or the language that hooks ask for."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from mediant.jobs.job import NewJob
from mediant.settings.media_servers import MediaServersSettings
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.rule_store import read_rules
from mediant.subtitles.scanning.scan_jobs import SCAN, WATCH_KEY, WATCH_PRIORITY
from mediant.subtitles.transcribe.wish import Wish


def jobs_for_videos(
    tx: Connection,
    paths: Sequence[Path],
    settings: SubtitlesSettings,
    servers: MediaServersSettings,
    *,
    is_deep: bool = False,
) -> list[NewJob]:
    """The jobs that these videos need; none without a rule and without a language.

    With enabled rules one scan looks at all of them, and does not wait for a scan of everything.
    `is_deep`: the paths are folders, to be walked; those need a rule.
    """
    if not paths:
        return []
    if any(rule.is_enabled for rule in read_rules(tx)):
        payload = {
            "paths": [str(path) for path in paths],
            "is_recursive": is_deep,
            "origin": "hook",
        }
        return [NewJob(SCAN, payload, WATCH_KEY, WATCH_PRIORITY)]
    if (language := servers.hook_target_language) and not is_deep:
        return [Wish(path, language, is_manual=False).new_job(settings) for path in paths]
    return []
