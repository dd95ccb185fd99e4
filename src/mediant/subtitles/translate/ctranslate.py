"""Sentences through a CTranslate2 model, cut into pieces by its own SentencePiece files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mediant.errors import ModelError
from mediant.models.facts import hash_file
from mediant.subtitles.translate.folder import Folder
from mediant.subtitles.translate.translator import ON_CPU, Advance, Computing

if TYPE_CHECKING:
    import ctranslate2
    import sentencepiece

_BATCH = 32
"""Sentences between two looks at whether to stop: about a second of work."""
_BEAM = 4
_LONGEST_PIECES = 200
"""Longer input leaves what these models saw in training (and their 512 positions)."""
_END = "</s>"
_BLANK = "▁"


class CTranslateTranslator:
    """One loaded model. Of a multilingual one, any of its pairs."""

    def __init__(self, folder: Folder, computing: Computing = ON_CPU) -> None:
        """Check the files against the manifest and load them; ModelError when that fails."""
        _require_hashes(folder)
        self._folder = folder
        self._model = _load_model(folder, computing)
        self._source = _load_tokenizer(folder.source_tokenizer)
        self._target = _load_tokenizer(folder.target_tokenizer)

    def translate(
        self, texts: Sequence[str], source: str, target: str, advance: Advance
    ) -> list[str]:
        """As the port says. Each sentence is translated by itself, 32 at once."""
        if not self._folder.to_model().can(source, target):
            raise ModelError(
                f"It does not translate from {source} to {target}.", asset=str(self._folder.path)
            )
        done: list[str] = []
        for begin in range(0, len(texts), _BATCH):
            advance(begin / len(texts))
            done += self._translate_batch(texts[begin : begin + _BATCH], source, target)
        return done

    def close(self) -> None:
        """Give the memory back."""
        self._model.unload_model()

    def _translate_batch(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Texts too long for the model go in parts, whose translations are joined."""
        parts = [(at, part) for at, text in enumerate(texts) for part in self._cut(text)]
        framed = [self._frame(part, source, target) for _, part in parts]
        found: list[list[str]] = [[] for _ in texts]
        for (at, _), text in zip(parts, self._run(framed, target), strict=True):
            found[at].append(text)
        return [" ".join(filter(None, of_text)) for of_text in found]

    def _cut(self, text: str) -> Iterator[list[str]]:
        """The pieces of a text, in runs that the model can take, cut at blanks where there are."""
        pieces: list[str] = self._source.encode(text, out_type=str)
        while len(pieces) > _LONGEST_PIECES:
            starts = [i for i in range(1, _LONGEST_PIECES + 1) if pieces[i].startswith(_BLANK)]
            cut = starts[-1] if starts else _LONGEST_PIECES
            yield pieces[:cut]
            pieces = pieces[cut:]
        yield pieces

    def _frame(self, pieces: list[str], source: str, target: str) -> list[str]:
        """The pieces with the marks around them that this kind of model was trained with."""
        marks, kind = self._folder.marks, self._folder.kind
        first = {"m2m100": marks.get(source), "nllb": marks.get(source)}.get(kind)
        if kind in ("opus", "madlad"):
            first = marks.get(target)
        has_end = kind != "plain" and not self._folder.adds_end
        return [*([first] if first else []), *pieces, *([_END] if has_end else [])]

    def _prefix(self, target: str) -> list[str]:
        """What the translation is forced to begin with."""
        if self._folder.kind in ("m2m100", "nllb"):
            return [self._folder.marks[target]]
        return [self._folder.target_prefix] if self._folder.target_prefix else []

    def _run(self, framed: Sequence[list[str]], target: str) -> list[str]:
        """Decoded translations. What came out empty or without an end is tried once more."""
        found = self._decode(framed, target, is_again=False)
        again = [at for at, (text, is_ended) in enumerate(found) if not (text and is_ended)]
        if again:
            redone = self._decode([framed[at] for at in again], target, is_again=True)
            for at, (text, _) in zip(again, redone, strict=True):
                if not text:
                    raise ModelError(
                        "It gave nothing for a sentence.", asset=str(self._folder.path)
                    )
                found[at] = (text, True)
        return [text for text, _ in found]

    def _decode(
        self, framed: Sequence[list[str]], target: str, *, is_again: bool
    ) -> list[tuple[str, bool]]:
        """Text of each, and whether the model ended it by itself.

        A model that goes round in circles never ends; the second time no three pieces may return.
        """
        prefix = self._prefix(target)
        longest = max(map(len, framed))
        results = self._model.translate_batch(
            list(framed),
            target_prefix=[prefix] * len(framed) if prefix else None,
            beam_size=_BEAM,
            max_batch_size=_BATCH,
            max_input_length=0,
            max_decoding_length=min(500, 3 * longest + 16),
            no_repeat_ngram_size=3 if is_again else 0,
            disable_unk=True,
            return_end_token=True,
        )
        return [self._text_of(result.hypotheses[0], prefix) for result in results]

    def _text_of(self, tokens: Sequence[str], prefix: Sequence[str]) -> tuple[str, bool]:
        is_ended = bool(tokens) and tokens[-1] == _END
        kept = [token for token in tokens[len(prefix) :] if token not in (_END, "<s>", "<pad>")]
        text = self._target.decode_pieces(kept) if kept else ""
        return " ".join(text.replace(_BLANK, " ").split()), is_ended


def _require_hashes(folder: Folder) -> None:
    for name, expected in folder.sha256.items():
        path = folder.path / name
        try:
            found = hash_file(path)
        except OSError as error:
            text = f"{name} cannot be read: {error.strerror}."
            raise ModelError(text, asset=str(folder.path)) from error
        if found != expected:
            text = f"{name} is not the file of the manifest: its SHA-256 is {found}."
            remedy = "Install the model anew."
            raise ModelError(text, asset=str(folder.path), remedy=remedy)


def _load_model(folder: Folder, computing: Computing) -> "ctranslate2.Translator":
    try:
        import ctranslate2  # noqa: PLC0415 (optional extra)
    except ImportError as missing:
        raise _not_installed("ctranslate2") from missing
    try:
        return ctranslate2.Translator(
            str(folder.path),
            device=computing.device,
            device_index=computing.device_index,
            compute_type=computing.compute_type,
            intra_threads=computing.threads,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"It cannot be loaded: {error}.", asset=str(folder.path)) from error


def _load_tokenizer(path: Path) -> "sentencepiece.SentencePieceProcessor":
    try:
        import sentencepiece  # noqa: PLC0415 (optional extra)
    except ImportError as missing:
        raise _not_installed("sentencepiece") from missing
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        text = f"{path.name} cannot be loaded: {error}."
        raise ModelError(text, asset=str(path.parent)) from error


def _not_installed(name: str) -> ModelError:
    return ModelError(
        f"{name} is not installed, which runs translation models.",
        remedy="Run: pip install 'mediant[speech]'",
    )
