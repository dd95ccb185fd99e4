"""Queries to begin with, made of our own words. Pure; only what finds something is offered."""

from dataclasses import dataclass

from mediant.tagging.vocabulary import MOOD_KEYS, WORDS, slug


@dataclass(frozen=True, slots=True)
class Template:
    """Moods that a track has, moods that it lacks, and what a number must be (key, sign, value)."""

    id: str
    name: str
    description: str
    moods: tuple[str, ...]
    without: tuple[str, ...] = ()
    number: tuple[str, str, float] | None = None

    def write_query(self, namespace: str) -> str:
        """The query as people write it."""
        parts = [f"{namespace}:{name_mood(word)} is true" for word in self.moods]
        parts += [f"{namespace}:{name_mood(word)} is false" for word in self.without]
        if self.number is not None:
            key, sign, value = self.number
            parts.append(f"{namespace}:{key} {sign} {value:g}")
        return " AND ".join(parts)


TEMPLATES = (
    Template("happy_energetic", "Happy and energetic", "Happy tracks with much energy.",
             ("happy",), number=("energy", ">=", 0.5)),
    Template("sad_quiet", "Sad and quiet", "Sad tracks with little energy.",
             ("sad",), number=("energy", "<", 0.5)),
    Template("relaxed_calm", "Relaxed and calm", "Relaxed tracks with little energy.",
             ("relaxed",), number=("energy", "<", 0.4)),
    Template("aggressive_intense", "Aggressive and intense", "Aggressive tracks with much energy.",
             ("aggressive",), number=("energy", ">=", 0.6)),
    Template("bright_electronic", "Bright electronic", "Electronic tracks of a bright sound.",
             ("bright", "electronic")),
    Template("dark_acoustic", "Dark acoustic", "Acoustic tracks of a dark sound.",
             ("dark", "acoustic")),
    Template("danceable_fast", "Fast and danceable", "Danceable tracks from 120 beats a minute on.",
             ("danceable",), number=("bpm", ">=", 120)),
    Template("ambient_instrumental", "Calm without voices", "Relaxed tracks in which nobody sings.",
             ("relaxed", "instrumental")),
    Template("mainstream_engaging", "Easy to like", "Mainstream tracks that hold the attention.",
             ("mainstream", "engaging")),
    Template("fringe_listen", "Off the beaten track", "Tracks far from the mainstream.",
             ("fringe",)),
    Template("engaging_listen", "Close listening", "Tracks that hold the attention.",
             ("engaging",)),
    Template("mellow_background", "In the background", "Mellow tracks without aggression.",
             ("mellow",), without=("aggressive",)),
    Template("party_mix", "Party mix", "Party tracks to dance to.", ("party", "danceable")),
    Template("chill_acoustic", "Chill acoustic", "Acoustic, relaxed tracks.",
             ("acoustic", "relaxed")),
    Template("upbeat_electronic", "Upbeat electronic", "Electronic tracks that are not sad.",
             ("electronic",), without=("sad",), number=("energy", ">=", 0.5)),
    Template("mellow_electronic", "Mellow electronic", "Electronic, relaxed tracks.",
             ("electronic", "relaxed")),
    Template("female_voices", "Female voices", "Tracks with a female singer.", ("female vocal",)),
    Template("male_voices", "Male voices", "Tracks with a male singer.", ("male vocal",)),
)  # fmt: skip


def name_mood(word: str) -> str:
    """The tag under which a query asks for a mood: `female vocal` -> `female`."""
    labels = [label for label, known in WORDS.items() if known == word]
    return MOOD_KEYS.get(labels[0], slug(word)) if labels else slug(word)
