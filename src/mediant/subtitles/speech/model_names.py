"""Which of two Whisper models is the better one, by their names. Pure."""

from mediant.models.speech_folder import SpeechModel
from mediant.models.speech_names import plain_name

_STRENGTHS = (
    ("turbo", 6.0),
    ("distil-large", 5.5),
    ("large", 7.0),
    ("distil-medium", 4.5),
    ("medium", 5.0),
    ("distil-small", 3.5),
    ("small", 4.0),
    ("base", 3.0),
    ("tiny", 2.0),
)
"""How well a model hears, by words in its name; the first that fits counts."""

_BY_SIZE = ((2_000_000_000, 7.0), (1_000_000_000, 5.0), (350_000_000, 4.0), (120_000_000, 3.0))
"""For names that say nothing: weights of at least so many bytes in half precision."""


def strength(name: str, size_bytes: int = 0) -> float:
    """How well a model of this name hears; of two, the higher one is better and slower."""
    plain = plain_name(name)
    for part, value in _STRENGTHS:
        if part in plain:
            return value
    return next((value for least, value in _BY_SIZE if size_bytes >= least), 2.0)


def find_nearest(wanted: str, models: list[SpeechModel]) -> SpeechModel | None:
    """The model of this name; else the best that is not slower; else the smallest there is.

    Among equals an English-only model (which only stands here where English is spoken) wins.
    """
    same = [model for model in models if plain_name(model.name) == plain_name(wanted)]
    if same:
        return same[0]
    aim = strength(wanted)

    def rank(model: SpeechModel) -> tuple[bool, float, bool, str]:
        distance = aim - strength(model.name, model.size_bytes)
        return distance < 0, abs(distance), model.is_multilingual, model.name

    return min(models, key=rank, default=None)
