"""What a wish would write into a file: nothing but what the mode in force selects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediant.tagging.mood_lists import spell_moods
from mediant.tagging.own_tags import read_own_tags
from mediant.tagging.tags import select_for_mode
from mediant.tagging.wish import UNSUPPORTED
from mediant.tagging.write import normalise, supported_container

HELD = "The file holds these tags already."


@dataclass(frozen=True, slots=True)
class WritePlanned:
    """What would go into a file. Without `tags` nothing would, and `reason` says why."""

    mode: str
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reason: str | None = None


def plan_write(
    path: Path,
    mode: str,
    tags: Mapping[str, Sequence[str]],
    facts: Mapping[str, Any],
    *,
    namespace: str,
    force: bool,
) -> WritePlanned:
    """What a wish with this write mode would write of a track's stored `tags`.

    `facts`: what the track says of the last write. `force`: it is heard anew, and written wherever
    the tags differ. MediaError for a file that is away or no sound file.
    """
    if mode == "none":
        return WritePlanned(mode, reason="The write mode is `none`.")
    wanted = select_for_mode({key: tuple(values) for key, values in tags.items()}, mode)
    if not wanted:
        return WritePlanned(mode, reason="There are no tags for it yet.")
    own = read_own_tags(path, namespace, is_sound=True)
    if supported_container(path) is None:
        return WritePlanned(mode, reason=UNSUPPORTED)
    is_held = _says_held(facts, mode, tags) and not force
    if is_held or own == normalise(wanted):
        return WritePlanned(mode, reason=HELD)
    return WritePlanned(mode, wanted)


def _says_held(facts: Mapping[str, Any], mode: str, tags: Mapping[str, Sequence[str]]) -> bool:
    """Whether the last write stands: by the same mode, with the same moods."""
    stands = facts["written_mode"], facts["written_moods"], facts["write_error"]
    return stands == (mode, spell_moods(tags), None)
