"""`/api/v2/models`: the networks that listen."""

from typing import Literal

from fastapi import Response
from pydantic import Field

from mediant.api.auth import ADMIN, READ, AppDep
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import Accepted, In, Out, Page, PathText, accept

router = v2_router("models")


class ModelOut(Out):
    """One network: of the catalog, of the models folder, or of both."""

    name: str
    kind: Literal["backbone", "head", "speech"]
    about: str
    version: str | None
    licence: str | None
    source: str | None
    sha256: str | None
    size_bytes: int | None
    path: PathText | None
    is_installed: bool
    is_default: bool
    is_pullable: bool
    refused_reason: str | None


class NamesIn(In):
    """Which models; without names the default networks, or all that are installed.

    A pull takes names of the catalog, names of Whisper models (`small`, `large-v3-turbo`), and
    `owner/repository` of a hub, with `@revision` if you like.
    """

    names: list[str] | None = Field(None, min_length=1)


class SoundnessOut(Out):
    """What a verification says of one network."""

    name: str
    is_sound: bool
    text: str


class BackboneOut(Out):
    """A network that embeds."""

    name: str
    version: str
    front_end: str
    sample_rate: int
    embedding_dim: int
    tag_labels: list[str]
    licence: str | None


class HeadOut(Out):
    """A classifier or regressor on a backbone's embedding."""

    name: str
    backbone: str
    version: str
    kind: str
    labels: list[str]
    positive: str | None
    licence: str | None


class SuiteOut(Out):
    """What analyses a track now."""

    version: str
    backbones: list[BackboneOut]
    heads: list[HeadOut]


@router.get("", dependencies=READ)
def list_models(app: AppDep) -> Page[ModelOut]:
    """The catalog, what you placed in the models folder, and what of it is refused and why."""
    return Page(items=[ModelOut.model_validate(one) for one in app.models.list_models()])


@router.get("/suite", dependencies=READ)
def suite(app: AppDep) -> SuiteOut:
    """The networks in use, with their labels."""
    return SuiteOut.model_validate(app.models.suite())


@router.post("/pull", status_code=202, dependencies=ADMIN)
def pull(app: AppDep, response: Response, body: NamesIn | None = None) -> Accepted:
    """Download and install models of the catalog or of a hub."""
    return accept(response, app.system.pull_models((body or NamesIn()).names))


@router.post("/verify", dependencies=ADMIN)
def verify(app: AppDep, body: NamesIn | None = None) -> Page[SoundnessOut]:
    """Hash and test-run the installed networks."""
    results = app.models.verify((body or NamesIn()).names)
    return Page(items=[SoundnessOut.model_validate(one) for one in results])


@router.delete("/{name:path}", status_code=204, dependencies=ADMIN)
def remove_model(name: str, app: AppDep) -> None:
    """Delete a model that was pulled or imported."""
    app.system.remove_model(name)
