"""`/api/v2/tagging/navidrome`: tags, configuration, previews and playlists for Navidrome."""

from typing import Annotated, Literal

from pydantic import Field

from mediant.api.auth import READ, AppDep
from mediant.api.gates import COUNTING
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import In, Out, PathText

router = v2_router("tagging/navidrome")

QueryField = Annotated[
    str,
    Field(
        max_length=4096,
        description="`[tag:][namespace:]KEY OP VALUE`, joined by AND or OR, denied by NOT, with "
        "parentheses. OP is one of > < >= <= = != is, is not, contains, notcontains.",
        examples=["nom:mood_happy is true AND nom:energy >= 0.5"],
    ),
]


class TagOut(Out):
    """A tag that Navidrome can be told of."""

    key: str = Field(description="Without the namespace.")
    type: Literal["text", "int", "float"]
    is_multivalue: bool = Field(description="Some file holds several values.")
    summary: str = Field(description="What it holds, in one line for people.")
    files: int = Field(description="How many files carry it.")


class TagsOut(Out):
    """All of them."""

    namespace: str
    tags: list[TagOut]


class ConfigOut(Out):
    """The text for navidrome.toml."""

    namespace: str
    config: str = Field(description="TOML to append; a full scan of Navidrome reads the tags.")


class PreviewIn(In):
    """What to look for."""

    query: QueryField
    limit: int = Field(10, ge=0, le=1000, description="How many tracks to show.")


class PreviewTrackOut(Out):
    """One track that a query finds."""

    path: PathText
    title: str | None
    artist: str | None


class PreviewOut(Out):
    """What a query finds."""

    matched: int = Field(description="All tracks that it finds.")
    tracks: list[PreviewTrackOut] = Field(description="The first of them.")


class PlaylistIn(In):
    """A smart playlist to be written."""

    query: QueryField
    name: str = Field(min_length=1, max_length=255)
    comment: str = Field("", max_length=4096, description="By default it states the query.")
    limit: int | None = Field(None, ge=1, le=10_000, description="How many tracks at most.")
    sort: str | None = Field(
        None,
        max_length=200,
        description="`random`, a field of Navidrome or a tag; `-` in front for descending.",
        examples=["random", "-year", "-mood_happy,title"],
    )


class PlaylistOut(Out):
    """A smart playlist."""

    name: str
    query: str
    content: str = Field(description="The text of the `.nsp` file, which is JSON.")


class TemplateOut(Out):
    """A query that finds something in this library."""

    id: str
    name: str
    description: str
    query: str
    files: int = Field(description="How many tracks it finds.")


class TemplatesOut(Out):
    """All of them."""

    items: list[TemplateOut]


@router.get("/tags", dependencies=[*READ, COUNTING])
def list_tags(app: AppDep) -> TagsOut:
    """The tags of this library as Navidrome can use them."""
    tags = [TagOut.model_validate(tag) for tag in app.navidrome.list_tags()]
    return TagsOut(namespace=app.navidrome.namespace, tags=tags)


@router.get("/config", dependencies=READ)
def read_config(app: AppDep) -> ConfigOut:
    """The text that makes Navidrome read these tags."""
    return ConfigOut(namespace=app.navidrome.namespace, config=app.navidrome.write_config())


@router.post("/preview", dependencies=[*READ, COUNTING])
def preview(body: PreviewIn, app: AppDep) -> PreviewOut:
    """The tracks that a query finds now. Nothing is kept."""
    return PreviewOut.model_validate(app.navidrome.preview(body.query, limit=body.limit))


@router.post("/playlists", dependencies=[*READ, COUNTING])
def write_playlist(body: PlaylistIn, app: AppDep) -> PlaylistOut:
    """The smart playlist of a query; it finds what the preview finds. Nothing is kept."""
    playlist = app.navidrome.write_playlist(
        body.query, name=body.name, comment=body.comment, limit=body.limit, sort=body.sort
    )
    return PlaylistOut.model_validate(playlist)


@router.get("/templates", dependencies=[*READ, COUNTING])
def list_templates(app: AppDep) -> TemplatesOut:
    """Queries to begin with, made of words that this library has."""
    found = app.navidrome.list_templates()
    return TemplatesOut(items=[TemplateOut.model_validate(template) for template in found])
