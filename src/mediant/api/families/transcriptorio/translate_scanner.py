"""Scans and files in the words of `transcriptorio`. Pure."""

from mediant.api.families.transcriptorio import wire_scanner as wire
from mediant.api.families.transcriptorio.family import moment
from mediant.api.families.transcriptorio.wire import ScanningOut
from mediant.subtitles.inspection.video import AudioTrack, EmbeddedSubtitle, ExternalSubtitle
from mediant.subtitles.scanning.scan_rows import Scan
from mediant.subtitles.scanning.scanner import Analysis, ScannerStatus


def scanning_out(status: ScannerStatus) -> ScanningOut:
    """Schedule and watch."""
    return ScanningOut(
        scheduler_enabled=status.scheduler_enabled,
        scheduler_running=status.scheduler_running,
        next_scan_time=moment(status.next_scan_time),
        watcher_enabled=status.watcher_enabled,
        watcher_running=status.watcher_running,
    )


def scanner_out(status: ScannerStatus) -> wire.ScannerOut:
    """Schedule, watch, and what was scanned so far."""
    return wire.ScannerOut(
        **scanning_out(status).model_dump(),
        watched_paths=list(status.watched_paths),
        last_scan_time=moment(status.last_scan_time),
        total_scans=status.total_scans,
    )


def scanned_out(scan: Scan) -> wire.ScannedOut:
    """What a scan found. The family calls every file skipped that no rule was for."""
    return wire.ScannedOut(
        scanned_files=scan.scanned,
        matched_files=scan.matched,
        jobs_created=scan.created,
        skipped_files=scan.scanned - scan.matched,
        paths_scanned=list(scan.paths),
        missing_paths=list(scan.missing),
    )


def analyzed_out(found: Analysis) -> wire.AnalyzedOut:
    """A file and what the rules say to it."""
    video, rule = found.video, found.judgement.rule
    return wire.AnalyzedOut(
        file_path=video.path,
        audio_tracks=[_track_out(track) for track in video.audio_tracks],
        embedded_subtitles=[_embedded_out(one) for one in video.embedded],
        external_subtitles=[_external_out(one) for one in found.external],
        duration_seconds=float(video.duration_s),
        is_video=video.is_video,
        matching_rule=None if rule is None else wire.MatchOut(id=rule.id, name=rule.name),
        reasons=reasons_of(found),
    )


def reasons_of(found: Analysis) -> list[str]:
    """Why it is or is not taken: what speaks against a job, then each rule's conditions."""
    judged = found.judgement
    told = [] if judged.reason is None else [judged.reason]
    told += [f"{name}: {reason}" for name, reasons in found.reasons for reason in reasons]
    told += [f"{name}: it asks nothing." for name, reasons in found.reasons if not reasons]
    return told or ["There is no enabled rule."]


def _track_out(track: AudioTrack) -> wire.AudioTrackOut:
    return wire.AudioTrackOut(
        index=track.index,
        codec=track.codec,
        language=track.language,
        channels=track.channels,
        stream_index=track.stream_index,
        title=track.title,
        is_default=track.is_default,
        is_forced=track.is_forced,
        is_commentary=track.is_commentary,
    )


def _embedded_out(one: EmbeddedSubtitle) -> wire.EmbeddedOut:
    return wire.EmbeddedOut(
        index=one.stream_index,
        codec=one.codec,
        language=one.language,
        title=one.title,
        is_forced=one.is_forced,
        is_default=one.is_default,
        is_image=one.is_image,
    )


def _external_out(one: ExternalSubtitle) -> wire.ExternalOut:
    return wire.ExternalOut(
        path=one.path,
        language=one.language,
        is_forced=one.is_forced,
        is_generated=one.is_generated,
    )
