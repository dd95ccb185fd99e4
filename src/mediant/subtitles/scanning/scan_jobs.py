"""Scans on the server's side: what workers are told, and what follows from what they found."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from mediant.jobs.job import Job, JobState, NewJob, Payload
from mediant.jobs.kind import Committed, JobKind, Result
from mediant.jobs.log import JobLog
from mediant.kernel.paths import real
from mediant.settings.subtitles import SubtitlesSettings
from mediant.store.schema_jobs import job as job_table
from mediant.subtitles.inspection.video import Video
from mediant.subtitles.rule_store import read_rules
from mediant.subtitles.scanning import forget_jobs, known, scan_rows
from mediant.subtitles.scanning.beside import Beside
from mediant.subtitles.scanning.judge import Judge, Judgement
from mediant.subtitles.scanning.known import Inspected
from mediant.subtitles.scanning.scan_rows import Counts

SCAN, LOOK = "scan_videos", "inspect_videos"
KEY, WATCH_KEY, DRY_KEY = "scan", "watch", "dry"
"""Scans that people or schedules ask for take turns; the watch does not wait for them."""
WATCH_PRIORITY = 10
LOOK_PRIORITY = -10
"""Thousands of looks may be queued: what else the lane does, such as scans of music, goes first."""
LOOK_AT_ONCE = 64
NAMED_AT_MOST = 200
"""Matches, and reasons against a job, that one scan's log names."""

_COLUMNS = job_table.c


class FoundFile(NamedTuple):
    """A media file that a worker found."""

    path: str
    size: int
    mtime_ns: int
    beside: Beside


@dataclass(slots=True)
class ScanJobs:
    """The functions of the kinds `scan_videos` and `inspect_videos`."""

    settings: Callable[[], SubtitlesSettings]

    def kinds(self) -> list[JobKind]:
        """What the queue is told about scans."""
        package = "mediant.subtitles.scanning"
        return [
            JobKind(
                SCAN,
                run=f"{package}.walk_videos:run",
                lane="io",
                prepare=self.prepare,
                absorb=self.absorb,
                commit=self.commit,
                merge=merge_scans,
                scheduled_key=KEY,
            ),
            JobKind(
                LOOK,
                run=f"{package}.inspect_videos:run",
                lane="io",
                prepare=self.prepare_look,
                commit=self.commit_look,
                failed=self.note_lost_look,
            ),
            forget_jobs.kind(),
        ]

    def prepare(self, tx: Connection, job: Job) -> Payload:
        """The walk's message; the scan begins."""
        settings = self.settings()
        scan_rows.begin(tx, job.id, job.payload.get("origin", "schedule"))
        return {
            "folders": [
                [path, is_deep, known.has_inspections(tx, path.rstrip("/"))]
                for path, is_deep in folders_of(job.payload, settings)
            ],
            "roots": list(settings.library_paths),
            "limits": [str(real(path)) for path in settings.library_paths],
            "has_audio": settings.lrc_for_audio_files,
            "settle_s": float(job.payload.get("settle_s", 0.0)),
        }

    def absorb(self, tx: Connection, job: Job, part: Result) -> Committed:
        """Judge the files that were inspected before, and have the others inspected."""
        if not scan_rows.takes(tx, job.id, job.attempt, part["n"]):
            return Committed()
        found = [
            FoundFile(path, size, mtime_ns, Beside.from_list(beside))
            for path, size, mtime_ns, beside in part["files"]
        ]
        looks = known.read_inspections(tx, [one.path for one in found])
        fresh = [one for one in found if not _is_known(one, looks)]
        old = [one for one in found if _is_known(one, looks)]
        is_only_new = job.payload.get("only_new")
        judged = _judging(tx, job, job.id, self.settings())
        judged.judge([] if is_only_new else old, looks)
        scan_rows.add(tx, job.id, judged.counts, waiting=len(fresh))
        children = [_look_job(job, some) for some in known.chunks(fresh, LOOK_AT_ONCE)]
        return Committed(children=children, jobs=_wanted(job, judged))

    def commit(self, tx: Connection, job: Job, result: Result) -> Committed:
        """The walk is over; what is still inspected is counted as it ends."""
        scan_rows.end_walk(tx, job.id, result["paths"], result["missing"])
        told = ("paths", "missing", "unsettled", "passed_over")
        summary = {name: result[name] for name in told}
        return Committed(jobs=self._forgetting(tx, job, result["paths"]), summary=summary)

    def _forgetting(self, tx: Connection, job: Job, walked: Sequence[str]) -> list[NewJob]:
        """Jobs for what is gone; none after a look at single new files."""
        origin = job.payload.get("origin", "schedule")
        if origin in scan_rows.PASSING or job.payload.get("dry_run"):
            return []
        deep = [path for path, is_deep in folders_of(job.payload, self.settings()) if is_deep]
        whole = [path for path in deep if path in set(walked)]
        return forget_jobs.jobs_after_walk(tx, origin, whole)

    def prepare_look(self, tx: Connection, job: Job) -> Payload:
        """The message of a look into some files: those that are known now need none."""
        files = job.payload["files"]
        looks = known.read_inspections(tx, [path for path, _, _ in files])
        is_known = [path for path, *now in files if path in looks and looks[path].is_of(*now)]
        return {"files": files, "known": is_known, "roots": list(self.settings().library_paths)}

    def commit_look(self, tx: Connection, job: Job, result: Result) -> Committed:
        """Keep what was found, and judge it."""
        found, fresh = [], {}
        for path, size, mtime_ns, facts, beside in result["looks"]:
            found.append(FoundFile(path, size, mtime_ns, Beside.from_list(beside)))
            if facts:
                video = Video.from_dict(facts["video"]) if facts["video"] else None
                error = (facts["code"], facts["text"])
                fresh[path] = Inspected(path, size, mtime_ns, video, *error)
        passing = {one[0] for one in result["looks"] if one[3] and one[3]["may_pass"]}
        lasting = [look for path, look in fresh.items() if path not in passing]
        known.write_inspections(tx, lasting)
        if not _is_counted(tx, job):
            return Committed()
        looks = known.read_inspections(tx, [one.path for one in found]) | fresh
        scan_id = job.payload["scan"]
        judged = _judging(tx, job, scan_id, self.settings()).judge(found, looks)
        scan_rows.add(tx, scan_id, judged.counts, waiting=-len(job.payload["files"]))
        return Committed(jobs=_wanted(job, judged))

    def note_lost_look(self, tx: Connection, job: Job, _code: str, text: str) -> Committed:
        """Do not wait for files whose inspection was given up."""
        if _is_counted(tx, job):
            n = len(job.payload["files"])
            scan_rows.add(tx, job.payload["scan"], Counts(), waiting=-n)
            _write_log(tx, job.payload["scan"], [("error", f"{n} files were not seen: {text}")])
        return Committed()


def folders_of(payload: Payload, settings: SubtitlesSettings) -> list[tuple[str, bool]]:
    """What a scan looks at: (path, whether its folders, too)."""
    paths = payload.get("paths")
    is_deep = bool(payload.get("is_recursive", True))
    asked = settings.library_paths if paths is None else paths
    flat = payload.get("flat", [])
    every = [(path, is_deep) for path in asked] + [(path, False) for path in flat]
    # Deep ones first: what they walk is not walked again.
    return sorted(dict.fromkeys(every), key=lambda one: not one[1])


def merge_scans(old: Payload, new: Payload) -> Payload:
    """The scan that does what both wishes ask for. Pure.

    Paths of a scan that goes into no folders stand in `flat`, when another one does. Who asks now
    must not get the watch's scan, which leaves young and known files alone.
    """
    deep_old, flat_old = _split(old)
    deep_new, flat_new = _split(new)
    # No paths at all stand for the library's folders.
    deep = None if None in (deep_old, deep_new) else _union(deep_old or [], deep_new or [])
    merged: dict[str, Any] = {"paths": deep, "is_recursive": True, "origin": old["origin"]}
    if flat := _union(flat_old, flat_new):
        merged["flat"] = flat
    if settle_s := min(old.get("settle_s", 0.0), new.get("settle_s", 0.0)):
        merged["settle_s"] = settle_s
    if old.get("only_new") and new.get("only_new"):
        merged["only_new"] = True
    if old.get("dry_run") and new.get("dry_run"):
        merged["dry_run"] = True
    return merged


def _split(wish: Payload) -> tuple[list[str] | None, list[str]]:
    """The paths to walk whole, and those to look at only directly."""
    paths, flat = wish.get("paths"), list(wish.get("flat", []))
    if wish.get("is_recursive", True) or paths is None:
        return (None if paths is None else list(paths)), flat
    return [], [*paths, *flat]


def _union(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return sorted({*one, *other})


def _look_job(scan: Job, files: Sequence[FoundFile]) -> NewJob:
    told = [[one.path, one.size, one.mtime_ns] for one in files]
    payload: dict[str, Any] = {"files": told, "scan": scan.id, "attempt": scan.attempt}
    payload |= {"dry_run": True} if scan.payload.get("dry_run") else {}
    priority = scan.priority if scan.priority > 0 else LOOK_PRIORITY
    return NewJob(LOOK, payload, priority=priority)


def _is_known(one: FoundFile, looks: Mapping[str, Inspected]) -> bool:
    look = looks.get(one.path)
    return look is not None and look.is_of(one.size, one.mtime_ns)


def _judging(tx: Connection, job: Job, scan_id: int, settings: SubtitlesSettings) -> "_Judging":
    """A judge for what a scan or one of its looks found."""
    return _Judging(tx, scan_id, settings, is_dry=bool(job.payload.get("dry_run")))


def _wanted(job: Job, judged: "_Judging") -> list[NewJob]:
    """The jobs to queue; those of a dry run are only counted."""
    return [] if job.payload.get("dry_run") else judged.jobs


def _is_counted(tx: Connection, job: Job) -> bool:
    """Whether the scan still counts on this look: a later attempt asks for its own."""
    attempt: int = job.payload["attempt"]
    return scan_rows.read(tx, job.payload["scan"]).attempt == attempt


@dataclass(slots=True)
class _Judging:
    """Judges files for one scan: jobs, counts, and lines in the scan's log."""

    tx: Connection
    scan_id: int
    settings: SubtitlesSettings
    is_dry: bool = False
    jobs: list[NewJob] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> Counts:
        """What these files add."""
        return Counts(**self.counted)

    def judge(self, files: Sequence[FoundFile], looks: Mapping[str, Inspected]) -> "_Judging":
        """Judge each file by its inspection."""
        paths = [one.path for one in files]
        judge = Judge(
            read_rules(self.tx),
            self.settings,
            known.read_written(self.tx, paths),
            known.read_spoken(self.tx, {one.path: (one.size, one.mtime_ns) for one in files}),
        )
        wanted = []
        for one in files:
            look = looks.get(one.path)
            if look is not None:
                self.counted["scanned"] += 1
                judgement = self._judge_one(judge, one, look)
                if judgement.job is not None:
                    wanted.append((one.path, judgement, judgement.job))
        self._take_new(wanted)
        self._log()
        return self

    def _judge_one(self, judge: Judge, one: FoundFile, look: Inspected) -> Judgement:
        if look.video is None:
            self.lines.append(("warning", f"{one.path} cannot be read: {look.error}"))
            return Judgement()
        judgement = judge.judge(look.video, one.beside)
        if judgement.rule is not None:
            self.counted["matched"] += 1
            if judgement.reason is not None:
                self._skip(one.path, judgement.rule.name, judgement.reason)
        return judgement

    def _take_new(self, wanted: Sequence[tuple[str, Judgement, NewJob]]) -> None:
        """Keep the jobs that no live job does already."""
        live = _live_keys(self.tx, [job for _, _, job in wanted])
        for path, judgement, job in wanted:
            rule = judgement.rule.name if judgement.rule else ""
            if (job.kind, job.dedup_key) in live:
                self._skip(path, rule, "A job for it is under way.")
                continue
            live.add((job.kind, job.dedup_key))
            self.jobs.append(job)
            self.counted["created"] += 1
            done = "would be queued" if self.is_dry else "is queued"
            self.lines.append(("info", f"{path}: rule {rule!r} fits, a {job.kind} job {done}."))

    def _skip(self, path: str, rule: str, reason: str) -> None:
        self.counted["skipped"] += 1
        self.lines.append(("info", f"{path}: rule {rule!r} fits, but no job: {reason}"))

    def _log(self) -> None:
        scan = scan_rows.read(self.tx, self.scan_id)
        room = NAMED_AT_MOST - scan.created - scan.skipped
        _write_log(self.tx, self.scan_id, self.lines[: max(0, room)])


def _live_keys(tx: Connection, jobs: Sequence[NewJob]) -> set[tuple[str, str | None]]:
    """Which of these jobs are queued or running already: (kind, dedup_key)."""
    live: set[tuple[str, str | None]] = set()
    states = [JobState.QUEUED.value, JobState.RUNNING.value]
    for some in known.chunks(jobs):
        query = select(_COLUMNS.kind, _COLUMNS.dedup_key).where(
            _COLUMNS.kind.in_({job.kind for job in some}),
            _COLUMNS.dedup_key.in_([job.dedup_key for job in some]),
            _COLUMNS.state.in_(states),
        )
        live.update((kind, key) for kind, key in tx.execute(query))
    return live


def _write_log(tx: Connection, job_id: int, lines: Sequence[tuple[str, str]]) -> None:
    log = JobLog(tx.dialect)
    for level, text in lines:
        log.add(job_id, level, text)
    log.write(tx)
