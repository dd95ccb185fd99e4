"""Calibrations, figures and playlists in the words of `nomarr-web`. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mediant.api.families.nomarr_web import wire_music as wire
from mediant.api.families.nomarr_web.translate import millis
from mediant.tagging.analytics import MoodCorrelations, MoodShare, TagFrequency
from mediant.tagging.calibration.records import (
    CalibrationRun,
    CalibrationStatus,
    HeadCalibration,
)
from mediant.tagging.navidrome import (
    NavidromeTag,
    PlaylistPreview,
    PlaylistTemplate,
    SmartPlaylist,
)


def calibration_status_out(status: CalibrationStatus) -> wire.CalibrationStatusOut:
    """The calibration in force; libraries are told as `lib_001`."""
    libraries = [
        wire.LibraryCalibrationOut(
            library_id=f"lib_{one.library_id:03d}",
            library_name=one.library_name,
            total_files=one.total_files,
            current_count=one.current_count,
            outdated_count=one.outdated_count,
            percentage=one.percentage,
        )
        for one in status.libraries
    ]
    return wire.CalibrationStatusOut(
        global_version=status.global_version,
        last_run=millis(status.last_run),
        libraries=libraries,
    )


def calibrated_out(run: CalibrationRun | None, result: Mapping[str, Any]) -> wire.CalibratedOut:
    """A run, and the counts of its job; no run where no head had enough scores."""
    heads = {
        f"{one.model_name}:{one.head_name}": _head_out(one) for one in (run.heads if run else [])
    }
    return wire.CalibratedOut(
        version=run.version if run else None,
        library_size=int(result.get("file_count", 0)),
        heads=heads,
        saved_files={name: str(path) for name, path in run.files.items()} if run else {},
        summary=wire.SummaryOut(
            total_heads=len(heads) + len(result.get("heads_skipped", ())),
            completed_heads=len(heads),
        ),
        global_version=run.global_version if run else None,
    )


def _head_out(head: HeadCalibration) -> wire.HeadOut:
    samples = next((one.samples for one in head.labels if one.label == head.label), 0)
    return wire.HeadOut(
        model_name=head.model_name, head_name=head.head_name, p5=head.p5, p95=head.p95, n=samples
    )


def tag_frequencies_out(found: Sequence[TagFrequency], namespace: str) -> wire.TagFrequenciesOut:
    """Our tags under their full keys."""
    rows = [
        wire.TagFrequencyOut(
            tag_key=f"{namespace}:{one.key}", total_count=one.files, unique_values=one.values
        )
        for one in found
    ]
    return wire.TagFrequenciesOut(tag_frequencies=rows)


def mood_distribution_out(found: Sequence[MoodShare]) -> wire.MoodDistributionOut:
    """Moods and their shares."""
    rows = [
        wire.MoodShareOut(mood=one.mood, count=one.files, percentage=one.percentage)
        for one in found
    ]
    return wire.MoodDistributionOut(mood_distribution=rows)


def correlations_out(found: MoodCorrelations) -> wire.CorrelationsOut:
    """Which moods go together."""
    return wire.CorrelationsOut(
        mood_correlations=_nested(found.moods), mood_tier_correlations=_nested(found.tiers)
    )


def _nested(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: dict(below) for name, below in found.items()}


def tags_out(tags: Sequence[NavidromeTag], namespace: str) -> wire.NavidromeTagsOut:
    """What Navidrome can be told of."""
    rows = [
        wire.NavidromeTagOut(
            tag_key=f"{namespace}:{one.key}",
            type=one.type,
            is_multivalue=one.is_multivalue,
            summary=one.summary,
            total_count=one.files,
        )
        for one in tags
    ]
    return wire.NavidromeTagsOut(namespace=namespace, tag_count=len(rows), tags=rows)


def preview_out(found: PlaylistPreview) -> wire.PreviewOut:
    """How many tracks, and the first of them."""
    rows = [
        wire.FoundOut(path=str(one.path), title=one.title or "", artist=one.artist or "")
        for one in found.tracks
    ]
    return wire.PreviewOut(matched_tracks=found.matched, preview=rows)


def playlist_out(made: SmartPlaylist) -> wire.PlaylistOut:
    """A smart playlist."""
    return wire.PlaylistOut(playlist_name=made.name, query=made.query, content=made.content)


def templates_out(found: Sequence[PlaylistTemplate]) -> wire.TemplatesOut:
    """Queries that find something here."""
    rows = [
        wire.TemplateOut(
            id=one.id,
            name=one.name,
            description=one.description,
            query=one.query,
            total_count=one.files,
        )
        for one in found
    ]
    return wire.TemplatesOut(templates=rows)
