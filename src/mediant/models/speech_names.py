"""What names of Whisper models mean, and where a hub has their files. Data, and pure functions.

A name is one that faster-whisper knows (`medium`, `large-v3-turbo`, `distil-small.en`) in any
usual spelling, or `owner/repository` of a hub. `@revision` behind it asks for that state of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mediant.models.speech_catalog import SPEECH_CATALOG

_DROPPED = ("systran", "openai", "faster", "whisper", "ct2", "ctranslate2")
_SAME = {"turbo": "large-v3-turbo", "large": "large-v3"}

HUB_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "tiny": "Systran/faster-whisper-tiny",
        "base.en": "Systran/faster-whisper-base.en",
        "small": "Systran/faster-whisper-small",
        "small.en": "Systran/faster-whisper-small.en",
        "medium": "Systran/faster-whisper-medium",
        "medium.en": "Systran/faster-whisper-medium.en",
        "large-v1": "Systran/faster-whisper-large-v1",
        "large-v2": "Systran/faster-whisper-large-v2",
        "large-v3": "Systran/faster-whisper-large-v3",
        "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        "distil-small.en": "Systran/faster-distil-whisper-small.en",
        "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
        "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
        "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
        "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    }
)
"""The name of a model -> the repository where faster-whisper takes it from.

Without those that the catalog pins.
"""

_LICENCE = "MIT"
"""OpenAI's for Whisper, and that of the distilled models; a hub tells it again at a pull."""

# As hubs have them; a folder's name cannot hold the slash, so that becomes the two hyphens that no
# repository may have in its name. `asr/` is how our own lists name a folder.
_REPOSITORY = re.compile(r"(?!asr/)[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION = re.compile(r"[\w./-]+", re.ASCII)
_SLASH = "--"


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model that a hub has."""

    name: str
    """One spelling for each: faster-whisper's name, else the repository's."""
    repository: str
    revision: str | None = None
    """The state that was asked for: a commit, tag or branch. None: the newest."""

    @property
    def folder_name(self) -> str:
        """The name of its folder."""
        return self.name.replace("/", _SLASH)

    @property
    def licence(self) -> str | None:
        """As far as it is known without asking."""
        return _LICENCE if self.name in HUB_MODELS else None


def plain_name(name: str) -> str:
    """One spelling for the folders of all converters: `Systran_faster-whisper-base` is `base`."""
    words = name.lower().replace("_", "-").replace("/", "-").split("-")
    kept = "-".join(word for word in words if word and word not in _DROPPED)
    return _SAME.get(kept, kept)


_PINNED = {plain_name(name): name for name in SPEECH_CATALOG}


def find_pinned_name(name: str) -> str | None:
    """The catalog's name for a model that it pins, by any spelling; not for a repository."""
    return None if "/" in name else _PINNED.get(plain_name(name))


def is_pullable(name: str) -> bool:
    """Whether a pull knows where a speech model of this name is to be had."""
    return find_pinned_name(name) is not None or find_hub_model(name) is not None


def find_hub_model(name: str) -> HubModel | None:
    """Where a hub has the model of this name; None when it is no name of one."""
    base, at, revision = name.partition("@")
    if at and not _REVISION.fullmatch(revision):
        return None
    wanted = revision or None
    if "/" not in base:
        known = plain_name(base)
        return HubModel(known, HUB_MODELS[known], wanted) if known in HUB_MODELS else None
    if not is_repository(base):
        return None
    for known, repository in HUB_MODELS.items():
        if repository.lower() == base.lower():
            return HubModel(known, repository, wanted)
    return HubModel(base, base, wanted)


def is_repository(text: str) -> bool:
    """Whether this is `owner/repository`, as hubs allow them."""
    is_formed = _REPOSITORY.fullmatch(text) is not None
    return is_formed and _SLASH not in text and ".." not in text


def list_hub_models() -> list[HubModel]:
    """All that have a name of their own."""
    return [HubModel(name, repository) for name, repository in HUB_MODELS.items()]
