"""Which way leads from the spoken language to the wanted one. Pure: values in, a value out.

The order, first that is there:

1. the languages are the same: what was heard;
2. English: Whisper translates while it listens, if its model can;
3. a CTranslate2 model of this pair;
4. two of them, through English (a pivot);
5. a model of many languages (M2M100, MADLAD, NLLB);
6. an Apertium pair: rules instead of a network, readable but literal;
7. through English by any two of the above, Whisper's English among them;
8. a server that speaks OpenAI's protocol, if one is set.

The server stands last because what was said leaves the machine only when nothing here can do it;
whoever prefers its language says so (`order`), then it stands behind 1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mediant.errors import ModelError
from mediant.kernel.languages import UNKNOWN, canonical_code, find_language, is_same_language
from mediant.subtitles.translate.debian import find_package

StepKind = Literal["ctranslate2", "apertium", "remote"]
Order = Literal["local", "remote"]

ENGLISH = "eng"


@dataclass(frozen=True, slots=True)
class Step:
    """One translation of text."""

    kind: StepKind
    source: str
    target: str
    name: str
    """The model's folder, the Apertium mode, or the server's model."""

    @property
    def key(self) -> str:
        """Names the translator among the tools of a worker: one model serves many pairs."""
        return f"{self.kind}|{self.name}"


@dataclass(frozen=True, slots=True)
class Route:
    """The whole way. Languages are canonical codes."""

    source: str
    target: str
    task: Literal["transcribe", "translate"]
    """What the recogniser shall do; `translate` gives English."""
    steps: tuple[Step, ...] = ()
    """What then happens to the text, in order."""

    @property
    def heard(self) -> str:
        """The language of the text that the recogniser gives."""
        return ENGLISH if self.task == "translate" else self.source

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for msgpack and JSON."""
        steps = [[step.kind, step.source, step.target, step.name] for step in self.steps]
        return {"source": self.source, "target": self.target, "task": self.task, "steps": steps}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Route":
        """The reverse of `to_dict`."""
        return cls(**{**fields, "steps": tuple(Step(*step) for step in fields["steps"])})


@dataclass(frozen=True, slots=True)
class Model:
    """A CTranslate2 model in a folder; languages are canonical codes."""

    path: str
    sources: frozenset[str]
    targets: frozenset[str]
    is_multilingual: bool = False
    """Whether it was made for many languages at once, and is weaker in each."""

    def can(self, source: str, target: str) -> bool:
        """Whether it translates this pair."""
        return source != target and source in self.sources and target in self.targets


@dataclass(frozen=True, slots=True)
class Installed:
    """What there is to translate with."""

    models: tuple[Model, ...] = ()
    apertium: tuple[tuple[str, str, str], ...] = ()
    """Source, target, mode."""
    remote_model: str | None = None
    """None: no server is set."""
    whisper_can: bool = False
    """Whether the speech model that will listen translates to English."""
    order: Order = "local"
    folder: str = "models/mt"
    """Where translation models belong; for the remedy."""


Way = Callable[[str, str, Installed], tuple[Step, ...] | None]


def choose_route(source: str, target: str, installed: Installed) -> Route:
    """The best way from the spoken language to `target`, both by any code or name.

    ModelError when there is none; its remedy names what would open one.
    """
    source, target = canonical_code(source), canonical_code(target)
    if is_same_language(source, target):
        return Route(source, target, "transcribe")
    if target == UNKNOWN:
        raise ModelError("The wanted language is not known.", remedy="Use a code of ISO 639.")
    for route in _routes(source, target, installed):
        return route
    raise _no_way(source, target, installed)


def _routes(source: str, target: str, installed: Installed) -> Iterator[Route]:
    if source != UNKNOWN and installed.order == "remote":
        yield from _by_text(source, target, installed, [_remote])
    if target == ENGLISH and installed.whisper_can:
        yield Route(source, target, "translate")
    if source != UNKNOWN:
        yield from _by_text(source, target, installed, [_pair, _two_pairs, _many, _apertium])
    yield from _by_any_pivot(source, target, installed)
    if source != UNKNOWN:
        yield from _by_text(source, target, installed, [_remote])


def _by_text(
    source: str, target: str, installed: Installed, ways: Sequence[Way]
) -> Iterator[Route]:
    for way in ways:
        if steps := way(source, target, installed):
            yield Route(source, target, "transcribe", steps)


def _by_any_pivot(source: str, target: str, installed: Installed) -> Iterator[Route]:
    second = _leg(ENGLISH, target, installed)
    if target == ENGLISH or second is None:
        return
    if source != UNKNOWN and (first := _pair(source, ENGLISH, installed)):
        yield Route(source, target, "transcribe", first + second)
    if installed.whisper_can and source != ENGLISH:
        yield Route(source, target, "translate", second)
    if source != UNKNOWN and (first := _leg(source, ENGLISH, installed)):
        yield Route(source, target, "transcribe", first + second)


def _pair(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    return _by_model(source, target, [one for one in installed.models if not one.is_multilingual])


def _many(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    return _by_model(source, target, [one for one in installed.models if one.is_multilingual])


def _by_model(source: str, target: str, models: Sequence[Model]) -> tuple[Step, ...] | None:
    able = [model for model in models if model.can(source, target)]
    if not able:
        return None
    # What was made for fewer languages knows each of them better.
    best = min(able, key=lambda model: (len(model.sources) * len(model.targets), model.path))
    return (Step("ctranslate2", source, target, best.path),)


def _two_pairs(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    first, second = _pair(source, ENGLISH, installed), _pair(ENGLISH, target, installed)
    return first + second if first and second else None


def _apertium(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    modes = [mode for one, other, mode in installed.apertium if (one, other) == (source, target)]
    if not modes:
        return None
    # A longer name is a variant: `spa-eng_US` beside `spa-eng`.
    return (Step("apertium", source, target, min(modes, key=lambda mode: (len(mode), mode))),)


def _remote(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    if installed.remote_model is None:
        return None
    return (Step("remote", source, target, installed.remote_model),)


def _leg(source: str, target: str, installed: Installed) -> tuple[Step, ...] | None:
    ways = (way(source, target, installed) for way in (_pair, _many, _apertium))
    return next((steps for steps in ways if steps), None)


def _no_way(source: str, target: str, installed: Installed) -> ModelError:
    if source == UNKNOWN:
        return ModelError(
            f"Nothing translates to {_name(target)} while the spoken language is not known.",
            remedy="State the spoken language, or set `force_detected_language_to`.",
        )
    text = f"Nothing that is installed translates from {_name(source)} to {_name(target)}."
    return ModelError(text, remedy=_remedy(source, target, installed))


def _remedy(source: str, target: str, installed: Installed) -> str:
    """What would open a way, the smallest thing first."""
    folder = installed.folder.rstrip("/")
    options = []
    if target == ENGLISH:
        options.append("install a Whisper model of all languages (`mediant models pull --speech`)")
    options.append(f"put a CTranslate2 model of this pair into {folder}/{source}-{target}")
    missing = _missing_legs(source, target, installed)
    if ENGLISH not in (source, target) and missing:
        places = " and ".join(f"{folder}/{one}-{other}" for one, other in missing)
        options.append(f"for the way through English {places}")
    options.append(f"or M2M100 into {folder}/m2m100")
    if package := find_package(source, target):
        options.append(f"install Debian's {package}")
    options.append("or set `translation_url` to a server that translates")
    return "To open a way: " + "; ".join(options) + "."


def _missing_legs(source: str, target: str, installed: Installed) -> list[tuple[str, str]]:
    missing = []
    if not installed.whisper_can and not _leg(source, ENGLISH, installed):
        missing.append((source, ENGLISH))
    if not _leg(ENGLISH, target, installed):
        missing.append((ENGLISH, target))
    return missing


def _name(code: str) -> str:
    found = find_language(code)
    return found.name if found else code
