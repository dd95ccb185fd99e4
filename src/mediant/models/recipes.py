"""Everything that can be pulled, whatever its kind."""

from mediant.errors import NotFound
from mediant.models.catalog import CATALOG, default_names
from mediant.models.network_recipe import NetworkRecipe
from mediant.models.recipe import Recipe
from mediant.models.speech_catalog import SPEECH_CATALOG
from mediant.models.speech_recipe import SpeechRecipe

__all__ = ["default_names", "find_recipe", "get_recipe", "list_pullable", "speech_names"]


def list_pullable() -> tuple[str, ...]:
    """The names of all models of the catalogs."""
    return (*CATALOG, *SPEECH_CATALOG)


def speech_names() -> tuple[str, ...]:
    """The names of the speech models of the catalog."""
    return tuple(SPEECH_CATALOG)


def find_recipe(name: str) -> Recipe | None:
    """How the model of this name is installed; None when no catalog has it."""
    if name in CATALOG:
        return NetworkRecipe(CATALOG[name])
    if name in SPEECH_CATALOG:
        return SpeechRecipe(SPEECH_CATALOG[name])
    return None


def get_recipe(name: str) -> Recipe:
    """As `find_recipe`; NotFound when no catalog has it."""
    recipe = find_recipe(name)
    if recipe is None:
        known = ", ".join(list_pullable())
        raise NotFound(f"The catalog has no such model; it has: {known}.", asset=name)
    return recipe
