"""Everything that can be pulled, whatever its kind."""

from mediant.errors import NotFound
from mediant.models.catalog import CATALOG, default_names
from mediant.models.hub_recipe import HubRecipe
from mediant.models.network_recipe import NetworkRecipe
from mediant.models.recipe import Recipe
from mediant.models.speech_catalog import SPEECH_CATALOG
from mediant.models.speech_names import HUB_MODELS, find_hub_model, find_pinned_name
from mediant.models.speech_recipe import SpeechRecipe

__all__ = [
    "default_names",
    "find_name",
    "find_pinned",
    "get_recipe",
    "list_pullable",
    "speech_names",
]


def list_pullable() -> tuple[str, ...]:
    """The names of all models of the catalogs."""
    return (*CATALOG, *SPEECH_CATALOG)


def speech_names() -> tuple[str, ...]:
    """The names of the speech models of the catalog."""
    return tuple(SPEECH_CATALOG)


def find_name(name: str) -> str:
    """The one spelling that lists have of what can be pulled; any other name as it is.

    What the catalog pins comes from there, unless a repository is named.
    """
    if name in CATALOG:
        return name
    pinned = find_pinned_name(name)
    if pinned is not None:
        return pinned
    model = find_hub_model(name)
    return model.name if model else name


def find_pinned(name: str) -> Recipe | None:
    """How a model of the catalogs is installed; None when they have none of this name."""
    if name in CATALOG:
        return NetworkRecipe(CATALOG[name])
    if name in SPEECH_CATALOG:
        return SpeechRecipe(SPEECH_CATALOG[name])
    return None


def get_recipe(name: str) -> Recipe:
    """As `find_pinned`, and for names that a hub may have; NotFound for all others."""
    pinned = find_pinned(find_name(name))
    if pinned is not None:
        return pinned
    model = find_hub_model(name)
    if model is not None:
        return HubRecipe(model)
    known = ", ".join(list_pullable())
    raise NotFound(
        f"The catalog has no such model; it has: {known}.",
        asset=name,
        remedy=f"A hub has {', '.join(HUB_MODELS)}, and others as owner/repository.",
    )
