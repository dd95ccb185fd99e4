"""What lies in `MODELS/mt/`: one folder a model, in the layout of CTranslate2's converters.

`<source>-<target>/` (a multilingual model may have any name) with `model.bin`, `config.json`,
`shared_vocabulary.json` or `source_vocabulary.json` and `target_vocabulary.json` (`.txt` as well),
the files of SentencePiece (`source.spm` and `target.spm`, or one for both), and our
`manifest.json`. Without it, only what the files show is believed; the rest is refused with a
reason.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediant.errors import ModelError
from mediant.kernel.languages import UNKNOWN
from mediant.subtitles.translate.manifest import MANIFEST, Kind, Manifest, read_manifest
from mediant.subtitles.translate.route import Model
from mediant.subtitles.translate.tokens import code_of, find_kind, languages_of, read_marks

SHELF = "mt"
"""The folder of translation models within the models folder."""
METADATA = "metadata.json"
"""What Argos packages say of themselves."""

_TOKENIZERS = (
    ("source.spm", "target.spm"),
    ("sentencepiece.bpe.model",),
    ("sentencepiece.model",),
    ("spiece.model",),
    ("spm.128k.model",),
    ("flores200_sacrebleu_tokenizer_spm.model",),
)
_MULTILINGUAL: frozenset[Kind] = frozenset({"m2m100", "nllb", "madlad"})
_PAIR = re.compile(r"(?:^|[-_.])([A-Za-z]{2,3}(?:_[A-Za-z]+)?)-([A-Za-z]{2,8}(?:_[A-Za-z]+)?)$")


@dataclass(frozen=True, slots=True)
class Folder:
    """One model, ready to be loaded. Languages are canonical codes."""

    path: Path
    kind: Kind
    sources: frozenset[str]
    targets: frozenset[str]
    source_tokenizer: Path
    target_tokenizer: Path
    adds_end: bool
    """Whether CTranslate2 puts `</s>` behind the source itself."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """Language -> its mark in the vocabulary."""
    target_prefix: str | None = None
    sha256: Mapping[str, str] = field(default_factory=dict)
    licence: str | None = None
    origin: str | None = None

    @property
    def is_multilingual(self) -> bool:
        """Whether it was made for any pair of many languages."""
        return self.kind in _MULTILINGUAL

    def to_model(self) -> Model:
        """What a route needs to know of it."""
        return Model(str(self.path), self.sources, self.targets, self.is_multilingual)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A folder that cannot be used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything in `MODELS/mt/`, by name."""

    folders: tuple[Folder, ...]
    refused: tuple[Refusal, ...]


def read_shelf(models: Path) -> Shelf:
    """What lies in the models folder now. Reads no weights."""
    shelf = models / SHELF
    try:
        paths = sorted(path for path in shelf.iterdir() if path.name[0] != "." and path.is_dir())
    except FileNotFoundError:
        return Shelf((), ())
    except OSError as error:
        return Shelf((), (Refusal(shelf, f"It cannot be read: {error.strerror}."),))
    folders, refused = [], []
    for path in paths:
        try:
            folders.append(read_folder(path))
        except ModelError as error:
            refused.append(Refusal(path, " ".join(filter(None, (error.text, error.remedy)))))
    return Shelf(tuple(folders), tuple(refused))


def read_folder(path: Path) -> Folder:
    """One folder. ModelError says what is missing, or what it does not tell."""
    said = read_manifest(path)
    if not (path / "model.bin").is_file():
        raise ModelError("It holds no model.bin.", asset=str(path))
    marks = read_marks(_find_vocabulary(path))
    tokenizers = _find_tokenizers(path, said)
    kind = said.kind or find_kind(marks) or ("opus" if len(tokenizers) == 2 else "plain")
    known = languages_of(marks, kind)
    metadata = _read_object(path / METADATA)
    sources, targets = _languages(path, said, metadata, known, kind)
    config = _read_object(path / "config.json")
    return Folder(
        path=path,
        kind=kind,
        sources=sources,
        targets=targets,
        source_tokenizer=tokenizers[0],
        target_tokenizer=tokenizers[-1],
        adds_end=config.get("add_source_eos") is True,
        marks=known,
        target_prefix=said.target_prefix or _text(metadata.get("target_prefix")),
        sha256=said.sha256,
        licence=said.licence or _text(metadata.get("license")),
        origin=said.origin,
    )


def _find_vocabulary(path: Path) -> Path:
    """That of the source, in which the marks of languages stand."""
    for stem in ("shared_vocabulary", "source_vocabulary"):
        for name in (f"{stem}.json", f"{stem}.txt"):
            if (path / name).is_file():
                return path / name
    raise ModelError("It holds no vocabulary of CTranslate2.", asset=str(path))


def _find_tokenizers(path: Path, said: Manifest) -> tuple[Path, ...]:
    choices = [said.tokenizer] if said.tokenizer else _TOKENIZERS
    for names in choices:
        if all(Path(name).name == name and (path / name).is_file() for name in names):
            return tuple(path / name for name in names)
    if (path / "bpe.model").is_file():
        text = "Its texts are cut by BPE codes; only SentencePiece is understood."
        raise ModelError(text, asset=str(path))
    wanted = " and ".join(choices[0])
    raise ModelError(f"It holds no SentencePiece model such as {wanted}.", asset=str(path))


def _languages(
    path: Path, said: Manifest, metadata: Mapping[str, Any], known: Mapping[str, str], kind: Kind
) -> tuple[frozenset[str], frozenset[str]]:
    """From the manifest, else from the vocabulary, else from metadata or the folder's name."""
    pair = _PAIR.search(path.name)
    first, second = pair.groups() if pair else ("", "")
    marked = list(known) if kind in _MULTILINGUAL else []
    sources = said.sources or marked or [_text(metadata.get("from_code")) or first]
    targets = said.targets or list(known) or [_text(metadata.get("to_code")) or second]
    codes = frozenset(map(code_of, sources)), frozenset(map(code_of, targets))
    for side, found in zip(("takes", "gives"), codes, strict=True):
        if not found or UNKNOWN in found:
            raise ModelError(
                f"It does not tell which languages it {side}.",
                asset=str(path),
                remedy=f"Name the folder like eng-spa, or write {MANIFEST} with "
                '{"sources": ["eng"], "targets": ["spa"]}.',
            )
    marked_codes = codes[0] | codes[1] if kind in _MULTILINGUAL else codes[1] if known else set()
    if lost := sorted(marked_codes - known.keys()):
        raise ModelError(f"Its vocabulary has no mark for {', '.join(lost)}.", asset=str(path))
    return codes


def _read_object(path: Path) -> dict[str, Any]:
    """A JSON object; empty without a file."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read: {error}.", asset=str(path.parent)) from error
    if not isinstance(found, dict):
        raise ModelError(f"{path.name} is no JSON object.", asset=str(path.parent))
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
