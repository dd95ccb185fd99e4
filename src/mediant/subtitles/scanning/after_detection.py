"""What follows when the language of a file was heard: all rules are asked again."""

import os
from collections.abc import Sequence

from sqlalchemy import Connection

from mediant.jobs.job import NewJob
from mediant.kernel.languages import canonical_code
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.rule_store import read_rules
from mediant.subtitles.scanning import known
from mediant.subtitles.scanning.beside import Beside, Surroundings
from mediant.subtitles.scanning.judge import Judge
from mediant.subtitles.speech.engine import Finding
from mediant.subtitles.transcribe.written import Content, note_spoken


def jobs_after_detection(
    tx: Connection,
    path: str | os.PathLike[str],
    finding: Finding,
    settings: SubtitlesSettings,
    beside: Beside | None = None,
) -> Sequence[NewJob]:
    """Keep what was heard (`und` where nothing was), and give the jobs that the rules then ask
    for.

    None for a file that no scan inspected, or that changed since: the next scan sees it. `beside`
    is what lies beside the file; without it the folder is listed here.
    """
    name = os.fspath(path)
    look = known.read_inspections(tx, [name]).get(name)
    if look is None or look.video is None or not _is_same(name, look.size, look.mtime_ns):
        return []
    language = canonical_code(finding.language)
    content = Content(name, look.size, look.mtime_ns)
    note_spoken(tx, content, language, float(finding.confidence))
    written = known.read_written(tx, [name])
    judge = Judge(
        read_rules(tx), settings, written, {name: known.heard_code(language, finding.confidence)}
    )
    around = beside or Surroundings(settings.library_paths).of(name)
    judgement = judge.judge(look.video, around)
    return [] if judgement.job is None else [judgement.job]


def _is_same(path: str, size: int, mtime_ns: int) -> bool:
    try:
        stat = os.stat(path)  # noqa: PTH116 (text in)
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (size, mtime_ns)
