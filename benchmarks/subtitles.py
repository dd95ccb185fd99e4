"""Speech on this machine: how much is heard wrongly, how fast, and how well the cues read.

    python benchmarks/subtitles.py [--models DIR] [--speech DIR] [--rounds 3] [--json FILE]

Told are:

- word error rates of `whisper-base` on human speech: five English clips of LibriVox, and the 14
  longest Spanish and French prompts of Asterisk (8 kHz). Compared without case, punctuation,
  hyphens and accents, digits up to ten as words (`mediant.testing.speech.word_error_rate`);
- speed on 300 s of Spanish speech beside plain faster-whisper in its batched mode: the same
  model, arithmetic, threads, beam and batch in the same run, taking turns after a warm-up; the
  median of the rounds counts, of CPU time as well, which says more on a busy machine. The peer
  runs in a process of its own, as a plain program has it, with word times, which cues need, and
  without; and with word times in our process, where it gains from our memory settings;
- the reading rules that cues break: ours from word times, and the peer's segments as cues;
- a made video with Spanish speech that begins late: transcribed and translated, how far the
  beginning of the first cue is off, and how many rules the two files break.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mediant.subtitles import Cue, cue_rules_for, make_cues, violations
from mediant.subtitles.formats import write_cues
from mediant.subtitles.speech.audio import decode_speech, make_sandbox
from mediant.subtitles.speech.choose import count_cores
from mediant.subtitles.speech.engine import RATE, EngineChoice, Heard, SpeechWish
from mediant.subtitles.speech.samples import to_float
from mediant.subtitles.speech.vad import find_voices
from mediant.subtitles.speech.voices import find_pauses, pack, pad
from mediant.subtitles.speech.whisper import BEAM, WINDOW_S, WhisperEngine
from mediant.testing.speech import join, read_english, read_prompts, word_error_rate
from mediant.testing.videos import Sound, VideoFactory
from whisper_peer import (  # type: ignore[import-not-found]  # the script beside this one
    WARM_UP,
    PeerSetup,
    PlainProcess,
    PlainWhisper,
    Turn,
    take_turn,
)

ROOT = Path(__file__).resolve().parents[1]
MODEL = "whisper-base"
PROMPTS = 14
BATCH = 8
LATE_S = 5.0
MARKS = {"en": 0.06, "es": 0.18, "fr": 0.18, "speed_ratio": 0.95, "late_s": 0.3}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "models")
    parser.add_argument("--speech", type=Path, default=ROOT / "corpora" / "speech")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.models / "asr" / MODEL
    choice = EngineChoice(MODEL, str(folder), threads=count_cores())
    engine = WhisperEngine(choice)
    found: dict[str, Any] = {"model": MODEL, "threads": choice.threads, "beam": BEAM}
    found["errors"] = measure_errors(engine, options.speech)
    found |= measure_speed(engine, choice, options.speech, options.rounds)
    found["video"] = measure_video(engine, options.speech)
    engine.close()
    found["marks"] = MARKS
    text = json.dumps(found, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text)


def measure_errors(engine: WhisperEngine, speech: Path) -> dict[str, Any]:
    """Word error rates, the language found out by the engine itself."""
    clips = {"en": read_english(speech)}
    clips |= {language: read_prompts(speech, language, PROMPTS) for language in ("es", "fr")}
    found = {}
    for language, chosen in clips.items():
        samples, text = join(chosen)
        heard = engine.transcribe(samples, SpeechWish(), _ignore)
        found[language] = {
            "wer": round(word_error_rate(text, heard.text, language), 4),
            "mark": MARKS[language],
            "words": len(text.split()),
            "seconds": round(len(samples) / RATE, 1),
            "language": heard.language,
            "language_probability": round(heard.language_probability, 4),
            "violations": count_violations(_cues(heard), language),
        }
    return found


def measure_speed(
    engine: WhisperEngine, choice: EngineChoice, speech: Path, rounds: int
) -> dict[str, Any]:
    """Ours and plain faster-whisper by turns on one sound; the language is given to both."""
    samples, text = join(read_prompts(speech, "es", PROMPTS))
    setup = PeerSetup(choice.folder, choice.threads, BEAM, BATCH)
    wish = SpeechWish(language="es", batch=BATCH, preset="fast")
    inside = PlainWhisper(setup)
    inside.hear(samples[:WARM_UP], with_words=True)
    engine.transcribe(samples[:WARM_UP], wish, _ignore)
    with PlainProcess(setup, samples) as plain:
        runs: dict[str, Callable[[], Turn[Any]]] = {
            "ours": lambda: take_turn(lambda: engine.transcribe(samples, wish, _ignore)),
            "peer": lambda: plain.take_turn(with_words=True),
            "peer_without_words": lambda: plain.take_turn(with_words=False),
            "peer_in_our_process": lambda: take_turn(lambda: inside.hear(samples, with_words=True)),
        }
        turns = take_rounds(runs, rounds)
    last = {name: each[-1].result for name, each in turns.items()}
    heard, peer = last["ours"], last["peer"]
    voices = find_voices(samples)
    passages = pack(pad(voices, len(samples)), find_pauses(voices), round(WINDOW_S * RATE))
    return {
        "speed": {
            "seconds_of_sound": round(len(samples) / RATE, 1),
            **summarize(turns),
            "windows": {"ours": len(passages), "peer": peer.windows},
            "wer": {
                name: round(word_error_rate(text, result.text, "es"), 4)
                for name, result in last.items()
            },
        },
        "cues": {
            "ours": count_violations(_cues(heard), "es"),
            "peer": count_violations(peer.cues, "es"),
        },
    }


def take_rounds(
    runs: dict[str, Callable[[], Turn[Any]]], rounds: int
) -> dict[str, list[Turn[Any]]]:
    """Everybody once a round, another one first in each."""
    turns: dict[str, list[Turn[Any]]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            turns[name].append(runs[name]())
    return turns


def summarize(turns: dict[str, list[Turn[Any]]]) -> dict[str, Any]:
    """Medians, all rounds, and how many times as long as ours the others take."""
    found: dict[str, Any] = {"load": [round(one, 1) for one in os.getloadavg()]}
    for key in ("seconds", "cpu_seconds"):
        taken = {name: [getattr(turn, key) for turn in each] for name, each in turns.items()}
        median = {name: statistics.median(each) for name, each in taken.items()}
        found[key] = {
            name: {"median": round(median[name], 2), "all": [round(one, 2) for one in each]}
            for name, each in taken.items()
        }
        ratio = {name: round(median[name] / median["ours"], 3) for name in median}
        found["ratio" if key == "seconds" else "cpu_ratio"] = ratio
    return found


def measure_video(engine: WhisperEngine, speech: Path) -> dict[str, Any]:
    """A Spanish video whose sound begins late: its `.spa.srt` and its `.eng.srt`."""
    samples, text = join(read_prompts(speech, "es", 3))
    with tempfile.TemporaryDirectory() as folder, make_sandbox() as sandbox:
        late = Sound("spa", to_float(samples), start_s=LATE_S)
        path = VideoFactory(Path(folder)).video("Film.mkv", [late])
        sound = decode_speech(path, sandbox)
        spoken = engine.transcribe(sound, SpeechWish(), _ignore)
        english = engine.transcribe(sound, SpeechWish(task="translate"), _ignore)
        direct = engine.transcribe(samples, SpeechWish(language="es"), _ignore)
        found = {}
        for heard, language, name in ((spoken, "es", "spa"), (english, "en", "eng")):
            cues = make_cues(heard.words, language)
            target = path.with_suffix(f".{name}.srt")
            target.write_text(write_cues(cues, "srt", language))
            found[target.name] = {
                "cues": len(cues),
                "violations": count_violations(cues, language)["broken"],
                "first_cue_s": cues[0].start_ms / 1000,
                "text": cues[0].sentence,
            }
    late_s = spoken.words[0].start_s - direct.words[0].start_s
    return {
        **found,
        "language": spoken.language,
        "wer": round(word_error_rate(text, spoken.text, "es"), 4),
        "sound_begins_s": LATE_S,
        "off_s": round(abs(late_s - LATE_S), 3),
    }


def count_violations(cues: Sequence[Cue], language: str) -> dict[str, Any]:
    """How often which rule is broken; what nobody could keep with these words is told apart."""
    found = violations(cues, cue_rules_for(language))
    rules: dict[str, int] = {}
    for one in found:
        if not one.is_forced:
            rules[one.rule] = rules.get(one.rule, 0) + 1
    return {
        "cues": len(cues),
        "broken": sum(rules.values()),
        "forced": sum(one.is_forced for one in found),
        "rules": rules,
    }


def _cues(heard: Heard) -> list[Cue]:
    return make_cues(heard.words, heard.language)


def _ignore(_seconds: float) -> None:
    """Nobody waits."""


if __name__ == "__main__":
    main()
