"""Calibration, figures and Navidrome."""

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from mediant.api.auth import READ, WRITE, AppDep
from mediant.api.families.calibrate_job import calibrate
from mediant.api.families.nomarr_web import calls, translate_music
from mediant.api.families.nomarr_web import wire_music as wire
from mediant.api.families.nomarr_web.family import PREFIX, family_router, given
from mediant.api.gates import COUNTING

router = family_router()

Limit = Annotated[int, Query(ge=1, le=10_000)]
QueryDep = Annotated[wire.QueryIn, Depends(given(wire.QueryIn))]
PlaylistDep = Annotated[wire.PlaylistIn, Depends(given(wire.PlaylistIn))]
TemplateDep = Annotated[wire.TemplateIn, Depends(given(wire.TemplateIn))]


@router.get(f"{PREFIX}/calibration/status", dependencies=READ)
def calibration_status(app: AppDep) -> wire.CalibrationStatusOut:
    """The calibration in force, and what was tagged with it."""
    return translate_music.calibration_status_out(app.calibrations.status())


@router.post(f"{PREFIX}/calibration/generate-histogram", dependencies=WRITE)
async def generate_histogram(request: Request, app: AppDep) -> wire.CalibratedOut:
    """Calibrate by all stored scores and answer when that is done."""
    job = await calibrate(request, app)
    return await run_in_threadpool(calls.read_calibration, app, job)


@router.get(f"{PREFIX}/analytics/tag-frequencies", dependencies=[*READ, COUNTING])
def tag_frequencies(app: AppDep, limit: Limit = 50) -> wire.TagFrequenciesOut:
    """Our tags, the most frequent first."""
    found = app.analytics.tag_frequencies(limit)
    return translate_music.tag_frequencies_out(found, app.settings.tagging.namespace)


@router.get(f"{PREFIX}/analytics/mood-distribution", dependencies=[*READ, COUNTING])
def mood_distribution(app: AppDep, limit: Limit = 30) -> wire.MoodDistributionOut:
    """Moods, the most frequent first."""
    return translate_music.mood_distribution_out(app.analytics.mood_distribution(limit))


@router.get(f"{PREFIX}/analytics/tag-correlations", dependencies=[*READ, COUNTING])
def tag_correlations(app: AppDep, top_n: Limit = 20) -> wire.CorrelationsOut:
    """Which moods go together."""
    return translate_music.correlations_out(app.analytics.mood_correlations(top_n))


@router.get(f"{PREFIX}/navidrome/preview", dependencies=[*READ, COUNTING])
def navidrome_tags(app: AppDep) -> wire.NavidromeTagsOut:
    """What Navidrome can be told of."""
    found = app.navidrome.list_tags()
    return translate_music.tags_out(found, app.settings.tagging.namespace)


@router.get(f"{PREFIX}/navidrome/config", dependencies=READ)
def navidrome_config(app: AppDep) -> wire.NavidromeConfigOut:
    """The lines for navidrome.toml."""
    namespace = app.settings.tagging.namespace
    return wire.NavidromeConfigOut(namespace=namespace, config=app.navidrome.write_config())


@router.post(f"{PREFIX}/navidrome/playlists/preview", dependencies=[*READ, COUNTING])
def preview(app: AppDep, wish: QueryDep) -> wire.PreviewOut:
    """How many tracks a query finds, and the first of them."""
    return translate_music.preview_out(calls.preview(app, wish))


@router.post(f"{PREFIX}/navidrome/playlists/generate", dependencies=[*READ, COUNTING])
def generate(app: AppDep, wish: PlaylistDep) -> wire.PlaylistOut:
    """A smart playlist for Navidrome."""
    return translate_music.playlist_out(calls.write_playlist(app, wish))


@router.get(f"{PREFIX}/navidrome/templates", dependencies=[*READ, COUNTING])
def list_templates(app: AppDep) -> wire.TemplatesOut:
    """Queries that find something here."""
    return translate_music.templates_out(app.navidrome.list_templates())


@router.post(f"{PREFIX}/navidrome/templates", dependencies=[*READ, COUNTING])
def generate_template(app: AppDep, wish: TemplateDep) -> wire.PlaylistOut:
    """A template as a smart playlist."""
    return translate_music.playlist_out(calls.write_template(app, wish))
