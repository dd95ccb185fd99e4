"""Moods: words with a tier, chosen from readings, each with the reason for it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mediant.tagging.readings import Reading
from mediant.tagging.tiers import Tier, find_regression_tier, find_tier, list_misses
from mediant.tagging.vocabulary import NO_MOOD, find_opposites

LISTS = {"mood-strict": Tier.STRICT, "mood-regular": Tier.REGULAR, "mood-loose": Tier.LOOSE}
"""Tag key -> the lowest tier that stands in it; so each list contains the stricter ones."""

REQUIRES = {"female vocal": "vocal", "male vocal": "vocal"}
"""Of projected heads: a singer's gender is only told of a track with a voice in it."""


@dataclass(frozen=True, slots=True)
class MoodOptions:
    """What the user set."""

    exclude_heads: frozenset[str] = frozenset()
    """Head names, `model/head`, or keys."""
    negatives: bool = False


@dataclass(frozen=True, slots=True)
class MoodChoice:
    """A word that reached a tier, where from, and what became of it.

    `dropped` is None for a mood that stands; else the sentence that says why it does not.
    """

    word: str
    tier: Tier
    reading: Reading
    next_misses: tuple[str, ...] = ()
    """What the next higher tier asked for in vain."""
    dropped: str | None = None

    def describe(self) -> dict[str, Any]:
        """The explanation as JSON values; it is stored with the track and shown by `show`."""
        r = self.reading
        step = r.cascade.step(self.tier)
        return {
            "word": self.word,
            "tier": self.tier.name.lower(),
            "model": r.model,
            "head": r.head,
            "label": r.label,
            "key": r.key,
            "raw": _round(r.raw),
            "calibrated": _round(r.calibrated),
            "counter": _round(r.counter),
            "deviation": _round(r.deviation),
            "span": {"low": _round(r.span.low), "high": _round(r.span.high), "from": r.span.source},
            "passed": {"p": step.p, "ratio": step.ratio, "gap": step.gap},
            "next_tier": list(self.next_misses),
            "scale_end": r.end or None,
            "projected": r.is_projected,
            "evidence": {
                label: {tag: _round(value) for tag, value in tags.items()}
                for label, tags in r.evidence.items()
            },
            "strength": None if r.strength is None else _round(r.strength),
            "floor": _round(r.floor) if r.floor else None,
            "dropped": self.dropped,
            "why": self.explain(),
        }

    def explain(self) -> str:
        """The reason in one line for people."""
        r = self.reading
        parts = [f"dropped: {self.dropped}"] if self.dropped else []
        parts.append(f"{r.model}/{r.head} says {r.label} {r.raw:.4f}")
        if r.span.source != "none":
            parts.append(
                f"against the {r.span.source} span {r.span.low:.4f} to {r.span.high:.4f}"
                f" that is {r.calibrated:.4f}"
            )
        step = r.cascade.step(self.tier)
        parts.append(f"{self.tier.name.lower()} asks for {step.p:.2f}" if not r.end else r.end)
        parts += [f"tags for {label}: {_list_strongest(t)}" for label, t in r.evidence.items()]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Moods:
    """The choices of a track, those that were dropped included."""

    choices: tuple[MoodChoice, ...] = ()

    def words(self, lowest: Tier) -> tuple[str, ...]:
        """The words that stand at `lowest` or above, sorted."""
        standing = {c.word for c in self.choices if c.dropped is None and c.tier >= lowest}
        return tuple(sorted(standing))

    @property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """The three inclusive lists by their tag keys."""
        return {key: self.words(lowest) for key, lowest in LISTS.items()}


def choose_moods(readings: Sequence[Reading], options: MoodOptions | None = None) -> Moods:
    """Tiers for all readings, one choice a word, opposing words out on both sides."""
    wanted = options or MoodOptions()
    best: dict[str, MoodChoice] = {}
    for reading in readings:
        choice = None if _is_excluded(reading, wanted) else _choose(reading)
        if choice and (choice.word not in best or best[choice.word].tier < choice.tier):
            best[choice.word] = choice
    held = frozenset(word for word, choice in best.items() if not _is_weak(choice.reading))
    settled = (_settle(choice, held, wanted) for choice in best.values())
    return Moods(tuple(sorted(settled, key=lambda choice: (-choice.tier, choice.word))))


def _choose(reading: Reading) -> MoodChoice | None:
    tier = find_reading_tier(reading)
    if tier is None:
        return None
    return MoodChoice(reading.word, tier, reading, tuple(_list_next_misses(reading, tier)))


def find_reading_tier(reading: Reading) -> Tier | None:
    """The tier of a reading by its kind, or None."""
    if reading.end:
        mean = reading.counter if reading.end == "low" else reading.calibrated
        return find_regression_tier(mean, reading.deviation)[1]
    if reading.calibrated < reading.threshold:
        return None
    return find_tier(reading.calibrated, reading.counter, reading.cascade)


def _list_next_misses(reading: Reading, tier: Tier) -> Iterable[str]:
    if tier is Tier.STRICT or reading.end:
        return []
    return list_misses(reading.calibrated, reading.counter, reading.cascade.step(Tier(tier + 1)))


def _settle(choice: MoodChoice, held: frozenset[str], options: MoodOptions) -> MoodChoice:
    reading = choice.reading
    if _is_weak(reading):
        text = f"the tags for it are weak: {reading.strength:.4f}, {reading.floor:.4f} are needed"
        return replace(choice, dropped=text)
    against = sorted(held.intersection(find_opposites(choice.word)))
    if against:
        return replace(choice, dropped=f"contradicted by {', '.join(against)}")
    needed = REQUIRES.get(choice.word) if reading.is_projected else None
    if needed is not None and needed not in held:
        return replace(choice, dropped=f"needs {needed}, which the track does not have")
    if choice.word.startswith("not ") and not options.negatives:
        return replace(choice, dropped="denials are not written")
    return choice


def _is_weak(reading: Reading) -> bool:
    """Whether a projected word lives on the weakness of its opposite, not on its own tags."""
    return reading.strength is not None and reading.strength < reading.floor


def _is_excluded(reading: Reading, options: MoodOptions) -> bool:
    names = {reading.head, f"{reading.model}/{reading.head}", reading.key}
    return reading.label in NO_MOOD or not names.isdisjoint(options.exclude_heads)


def _list_strongest(tags: Mapping[str, float], limit: int = 3) -> str:
    ranked = sorted(tags.items(), key=lambda item: -item[1])[:limit]
    return ", ".join(f"{tag} {value:.4f}" for tag, value in ranked)


def _round(value: float) -> float | None:
    return None if value != value else round(value, 4)
