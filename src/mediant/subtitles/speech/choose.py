"""Which model hears, and where: from preset, settings, what is installed and what the device can.

Light to import; CTranslate2 is asked only when a choice is made in a worker.
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mediant.errors import ModelError
from mediant.models.speech_folder import (
    SPEECH_FOLDER,
    SpeechModel,
    find_speech_models,
    is_shallow_name,
    read_speech_model,
)
from mediant.models.speech_names import is_pullable, is_repository, plain_name
from mediant.settings.subtitles import SubtitlesSettings
from mediant.subtitles.speech.engine import DeviceKind, EngineChoice, Preset, SpeechEngine, Task
from mediant.subtitles.speech.model_names import find_nearest

OWN_FOLDER = "./models"
"""The setting `model_path` that means Mediant's own models folder."""

DEFAULT_MODEL = "medium"
"""The setting `whisper_model` as it comes; a GPU then takes the turbo, which is as quick."""

TURBO = "large-v3-turbo"

COMPUTE_TYPES = {
    "cuda": ("float16", "int8_float16", "int8", "float32"),
    "cpu": ("int8", "float32"),
}
"""Best first."""

_PULL = "mediant models pull"
_SMALLEST = "whisper-base"
"""Hears all languages, translates, and needs no hub."""

_INSTALL = "Run: pip install 'mediant[speech]'"

Supported = Callable[[DeviceKind, int], Collection[str]]


@dataclass(frozen=True, slots=True)
class Need:
    """What a model has to be able to do."""

    preset: Preset = "balanced"
    task: Task = "transcribe"
    language: str | None = None
    """Whisper's code of the spoken language, where it is known."""


def find_supported(device: DeviceKind, index: int) -> Collection[str]:
    """The arithmetic that CTranslate2 can do there. ModelError when the device is not there."""
    try:
        import ctranslate2  # noqa: PLC0415 (150 MB of libraries, only in workers)
    except ImportError as error:
        text = "Speech recognition is not installed."
        raise ModelError(text, remedy=_INSTALL) from error
    try:
        return set(ctranslate2.get_supported_compute_types(device, index))
    except (RuntimeError, ValueError) as error:
        place = f"cuda:{index}" if device == "cuda" else device
        text = f"CTranslate2 cannot compute there: {error}."
        raise ModelError(text, asset=place, remedy="Choose the CPU.") from error


def choose_engine(
    need: Need,
    settings: SubtitlesSettings,
    models_folder: Path,
    *,
    device: str | None = None,
    supported: Supported = find_supported,
) -> EngineChoice:
    """The model to load and where. `device` is the worker's own: `cpu`, `cuda:1`; None: settings.

    When the wanted model is not there, the next best takes its place, and `wanted` names the one
    that was asked for. ModelError with a remedy when none can do it.
    """
    if settings.openai_url:
        return EngineChoice(
            settings.openai_model, settings.openai_url, "remote", compute_type="remote", threads=0
        )
    kind, index = parse_device(device or settings.transcribe_device)
    folder = find_folder(settings, models_folder)
    wishes = list_wishes(need, settings, kind)
    found = _list_models(settings, folder)
    model = _find_model(wishes, need, found)
    if model is None:
        if found:
            raise _cannot(need, wishes[0])
        raise _none_there(folder, wishes[0], is_ours=folder == models_folder / SPEECH_FOLDER)
    is_gpu = kind == "cuda"
    asked = settings.gpu_compute_type if is_gpu else settings.cpu_compute_type
    return EngineChoice(
        model=model.name,
        folder=str(model.folder),
        device=kind,
        device_index=index,
        compute_type=pick_compute_type(kind, asked, supported(kind, index)),
        threads=min(settings.whisper_threads, count_cores()),
        wanted="" if _is_any(model, wishes) else wishes[0],
    )


def open_engine(choice: EngineChoice, *, api_key: str = "") -> SpeechEngine:
    """Load what was chosen. ModelError when it cannot be."""
    if choice.device == "remote":
        from mediant.subtitles.speech.remote import RemoteEngine  # noqa: PLC0415 (httpx2)

        return RemoteEngine(choice.folder, choice.model, api_key)
    try:
        from mediant.subtitles.speech.whisper import WhisperEngine  # noqa: PLC0415 (heavy)
    except ImportError as error:
        text = f"Speech recognition is not installed: {error}."
        raise ModelError(text, remedy=_INSTALL) from error
    return WhisperEngine(choice)


def list_wishes(need: Need, settings: SubtitlesSettings, device: DeviceKind) -> list[str]:
    """The models that suit a preset, the most wanted first.

    The turbo and the distilled models never translate: they write what is said.
    """
    mine = settings.whisper_model
    if need.preset == "best":
        return ["large-v3"]
    if need.task == "translate":
        return ["small"] if need.preset == "fast" else [mine]
    if need.preset == "fast":
        return [TURBO, "small"] if device == "cuda" else ["small"]
    is_untouched = plain_name(mine) == DEFAULT_MODEL
    return [TURBO, mine] if device == "cuda" and is_untouched else [mine]


def find_folder(settings: SubtitlesSettings, models_folder: Path) -> Path:
    """Where speech models lie: in our own folder, or where `model_path` says."""
    if settings.model_path in (OWN_FOLDER, ""):
        return models_folder / SPEECH_FOLDER
    given = Path(settings.model_path)
    return given / SPEECH_FOLDER if (given / SPEECH_FOLDER).is_dir() else given


def parse_device(text: str) -> tuple[DeviceKind, int]:
    """`cpu`, `cuda`, `gpu` or `cuda:1` as CTranslate2 takes it: it refuses the last form."""
    name, _, number = text.partition(":")
    kind: DeviceKind = "cpu" if name == "cpu" else "cuda"
    return kind, int(number) if number.isdigit() else 0


def pick_compute_type(
    device: DeviceKind, asked: str | Literal["auto"], supported: Collection[str]
) -> str:
    """As asked, where the device can; otherwise the best that it can."""
    ranked = [asked, *COMPUTE_TYPES[device]]
    return next((one for one in ranked if one in supported), "float32")


def count_cores() -> int:
    """Those that this process may use; more threads than that are slower."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _list_models(settings: SubtitlesSettings, folder: Path) -> list[SpeechModel]:
    """What lies in the folder, and the folder that the setting names itself.

    ModelError when that one cannot be used: it was asked for by its path.
    """
    found = [model for model in find_speech_models(folder) if model.problem is None]
    path = Path(settings.whisper_model)
    if "/" not in settings.whisper_model or (is_repository(str(path)) and not path.is_dir()):
        return found
    own = read_speech_model(path)
    if own.problem:
        raise ModelError(own.problem, asset=str(own.folder), remedy=_how_to_pull(_SMALLEST))
    return [own, *(model for model in found if model.folder != own.folder)]


def _find_model(wishes: list[str], need: Need, found: list[SpeechModel]) -> SpeechModel | None:
    able = [model for model in found if _can(model, need)]
    exact = (model for wish in wishes for model in able if _is_any(model, [wish]))
    return next(exact, None) or find_nearest(wishes[-1], able)


def _can(model: SpeechModel, need: Need) -> bool:
    """Whether it knows the language and the task; one that is not known may be any."""
    if need.task == "translate" and need.language != "en":
        return model.can_translate
    return model.is_multilingual or need.language == "en"


def _is_any(model: SpeechModel, wishes: list[str]) -> bool:
    names = {plain_name(wish) for wish in wishes} | set(wishes)
    return plain_name(model.name) in names or str(model.folder) in names


def _none_there(folder: Path, wanted: str, *, is_ours: bool) -> ModelError:
    remedy = _how_to_pull(wanted)
    if not is_ours:
        remedy = f"Lay one there, or set model_path to {OWN_FOLDER}. {remedy}"
    return ModelError("No speech model is installed.", asset=str(folder), remedy=remedy)


def _cannot(need: Need, wanted: str) -> ModelError:
    translates = need.task == "translate"
    what = "translate into English" if translates else "hear this language"
    text = f"No installed speech model can {what}."
    is_able = not (wanted.endswith(".en") or (translates and is_shallow_name(wanted)))
    remedy = _how_to_pull(wanted if is_able else _SMALLEST)
    return ModelError(text, asset=wanted, remedy=remedy)


def _how_to_pull(wanted: str) -> str:
    """The wanted one, where a pull knows it, and the one that is quickly there."""
    if not is_pullable(wanted) or plain_name(wanted) == plain_name(_SMALLEST):
        return f"Run: {_PULL} {_SMALLEST}"
    return f"Run: {_PULL} {wanted} (or, quickly there: {_PULL} {_SMALLEST})"
