"""Measures the shipped spans and floors of the projected heads on given music.

Prints the tables of `mediant.tagging.spans` and how many moods they give on the same music.

    python benchmarks/spans.py --models MODELS corpora/amoebax corpora/asc corpora/openttd
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mediant.errors import MediaError
from mediant.settings.model import TaggingSettings
from mediant.tagging.pipeline import analyse
from mediant.tagging.scores import HeadScore
from mediant.tagging.tools import open_tools
from mediant.tagging.track import Track

AUDIO = (".ogg", ".mp3", ".flac", ".wav", ".m4a", ".opus")
LACKING = ("voice", "party", "aggressive")
"""What no track of the corpora has: they are instrumental music of games."""
COMMON = ("instrumental",)
"""What every track has."""
UNKNOWN = ("female_male",)
"""Heads of which the corpora say nothing."""


def list_music(folders: list[Path], scratch: Path) -> Iterator[Path]:
    """Audio files below the folders; MIDI files are rendered by timidity."""
    for path in sorted(found for folder in folders for found in folder.rglob("*")):
        if path.suffix in AUDIO:
            yield path
        elif path.suffix == ".mid":
            audio = scratch / f"{path.stem}.wav"
            options = ["-Ow", "-s", "16000", "--output-mono", "-o"]
            command = ["timidity", *options, str(audio), str(path)]
            subprocess.run(command, check=True, capture_output=True)
            yield audio


def collect(folders: list[Path], models: Path) -> list[Track]:
    """Every track that can be analysed."""
    tracks = []
    with tempfile.TemporaryDirectory() as scratch, open_tools(models, TaggingSettings()) as tools:
        for path in list_music(folders, Path(scratch)):
            try:
                tracks.append(analyse(path, tools))
            except MediaError as failed:
                print(f"# left out: {path.name}: {failed.code}")
    return tracks


def measure_span(labels: tuple[str, ...], values: np.ndarray) -> tuple[float, float]:
    """[p5, p95] of the first label, stretched where the corpora show one side only."""
    low, high = (float(part) for part in np.percentile(values, (5, 95)))
    if labels[0] in LACKING and len(labels) == 1:
        return high, 4 * high
    if labels[0] in LACKING:
        return low, min(1.0, 2 * high - low)
    if labels[-1] in LACKING:
        return max(0.0, 2 * low - high), high
    return low, high


def measure_floor(label: str, values: np.ndarray) -> float:
    """The median strength; twice p95 of what the corpora lack, p5 of what all of them have."""
    if label in LACKING:
        return 2 * float(np.percentile(values, 95))
    return float(np.percentile(values, 5 if label in COMMON else 50))


def main() -> None:
    """Print both tables as Python, and a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("folders", type=Path, nargs="+")
    wanted = parser.parse_args()
    tracks = collect(wanted.folders, wanted.models)
    heads: dict[str, list[HeadScore]] = {}
    for track in tracks:
        for score in track.scores:
            heads.setdefault(f"{score.model}/{score.name}", []).append(score)
    print("BUILT_IN = {")
    for scores in heads.values():
        first = scores[0]
        if first.kind == "projection" and first.name not in UNKNOWN:
            label = first.labels[0]
            values = np.array([score.value(label) for score in scores])
            low, high = measure_span(first.labels, values)
            print(f'    (MODEL, "{first.name}", "{label}"): ({low:.4f}, {high:.4f}),')
    print("}\nFLOORS = {")
    for scores in heads.values():
        first = scores[0]
        if first.kind == "projection" and first.name not in UNKNOWN and len(first.labels) > 1:
            for label in first.labels:
                floor = measure_floor(label, np.array([s.strengths[label] for s in scores]))
                print(f'    ("{first.name}", "{label}"): {floor:.4f},')
    print("}")
    words: dict[str, int] = {}
    for track in tracks:
        for word in track.tags.get("mood-loose", ()):
            words[word] = words.get(word, 0) + 1
    silent = [track.path.name for track in tracks if not track.tags.get("mood-loose")]
    print(json.dumps({"tracks": len(tracks), "moods": words, "without": silent}))


if __name__ == "__main__":
    main()
