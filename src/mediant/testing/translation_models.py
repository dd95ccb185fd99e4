"""Small CTranslate2 models that translate word by word, for tests without weights of others.

A real Transformer with real SentencePiece files: one layer whose attention looks at the source
token of the same position, and whose value matrix is a dictionary. What it is fed, marks of
languages included, is what it gives, so a test sees every token that reached the network.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import sentencepiece
from ctranslate2.specs import transformer_spec

End = Literal["fed", "added", "none"]
Matrix = npt.NDArray[np.float32]

_POSITIONS = 512
_SPECIAL = ("<s>", "</s>", "<unk>")
_SHARP = np.float32(100.0)
_SURE = np.float32(50.0)
_END = np.float32(30.0)
"""Behind the last source token, where attention is even, the end is the best guess."""


def build_dictionary_model(
    folder: Path,
    words: Mapping[str, str],
    *,
    marks: Sequence[str] = (),
    tokenizers: Sequence[str] = ("source.spm", "target.spm"),
    decoder_start: str = "<s>",
    end: End = "fed",
) -> None:
    """Write a model folder that turns each of `words`, parted by blanks, into its translation.

    `marks` are further tokens (`>>spa<<`, `__es__`) that come out as they went in, unless `words`
    translates them. Other words become whatever the network finds nearest. `end` says who
    puts `</s>` behind the source: the caller, CTranslate2, or nobody; the network then ends behind
    the last token of two or more.
    """
    plain = {source: target for source, target in words.items() if source not in marks}
    pieces = {f"▁{source}": f"▁{target}" for source, target in plain.items()}
    pieces |= {mark: f"▁{words[mark]}" if mark in words else mark for mark in marks}
    targets = [*plain.values(), *(words[mark] for mark in marks if mark in words)]
    folder.mkdir(parents=True)
    if len(tokenizers) == 1:
        _write_tokenizer(folder / tokenizers[0], [*plain, *targets])
    else:
        _write_tokenizer(folder / tokenizers[0], plain)
        _write_tokenizer(folder / tokenizers[1], targets)
    vocabulary = list(dict.fromkeys([*_SPECIAL, *pieces, *pieces.values()]))
    spec = _make_spec(vocabulary, pieces)
    spec.decoder.projection.bias = np.zeros(len(vocabulary), np.float32)
    spec.decoder.projection.bias[vocabulary.index("</s>")] = _END if end == "none" else -_END
    spec.config.add_source_eos = end == "added"
    spec.config.decoder_start_token = decoder_start
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))


def write_manifest(folder: Path, **fields: Any) -> None:
    """Put our manifest into a model's folder."""
    (folder / "manifest.json").write_text(json.dumps(fields))


def _write_tokenizer(path: Path, words: Iterable[str]) -> None:
    """A SentencePiece model whose pieces are whole words."""
    known = list(dict.fromkeys(words))
    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(known)] * 2),
        model_writer=content,
        model_type="word",
        vocab_size=len(known) + 3,
        hard_vocab_limit=False,
        normalization_rule_name="identity",
        minloglevel=2,
    )
    path.write_bytes(content.getvalue())


def _make_spec(
    vocabulary: Sequence[str], pieces: Mapping[str, str]
) -> "transformer_spec.TransformerSpec":
    """One-hot tokens, one-hot positions; all but the cross-attention only passes them on."""
    size = len(vocabulary)
    depth = 2 * size + _POSITIONS
    spec = transformer_spec.TransformerSpec.from_config(
        (1, 1), 1, pre_norm=True, no_final_norm=True
    )
    places = _block(_POSITIONS, depth, 2 * size)
    for side, at in ((spec.encoder, 0), (spec.decoder, size)):
        side.scale_embeddings = False
        side.position_encodings.encodings = places
        layer = side.layer[0]
        _fill_linear(layer.self_attention.linear, [(3 * depth, depth), (depth, depth)])
        _fill_linear([layer.ffn.linear_0, layer.ffn.linear_1], [(depth, depth)] * 2)
        for norm in (layer.self_attention.layer_norm, layer.ffn.layer_norm):
            _fill_norm(norm, depth)
        tokens = _block(size, depth, at)
        embeddings = side.embeddings[0] if side is spec.encoder else side.embeddings
        embeddings.weight = tokens
    _fill_attention(spec.decoder.layer[0].attention, vocabulary, pieces, depth)
    spec.decoder.projection.weight = _block(size, depth, size)
    return spec


def _fill_attention(
    attention: Any, vocabulary: Sequence[str], pieces: Mapping[str, str], depth: int
) -> None:
    size = len(vocabulary)
    index = {token: at for at, token in enumerate(vocabulary)}
    places = np.zeros((depth, depth), np.float32)
    places[2 * size :, 2 * size :] = np.eye(_POSITIONS, dtype=np.float32)
    values = np.zeros((depth, depth), np.float32)
    for token, at in index.items():
        values[size + index[pieces.get(token, token)], at] = _SURE
    weights = [_SHARP * places, np.concatenate([places, values]), np.eye(depth, dtype=np.float32)]
    _fill_norm(attention.layer_norm, depth)
    for linear, weight in zip(attention.linear, weights, strict=True):
        linear.weight = weight
        linear.bias = np.zeros(len(weight), np.float32)


def _block(rows: int, columns: int, at: int) -> Matrix:
    """Row `i` is one in column `at + i`."""
    block = np.zeros((rows, columns), np.float32)
    block[:, at : at + rows] = np.eye(rows, dtype=np.float32)
    return block


def _fill_linear(linears: Sequence[Any], shapes: Sequence[tuple[int, int]]) -> None:
    for linear, shape in zip(linears, shapes, strict=True):
        linear.weight = np.zeros(shape, np.float32)
        linear.bias = np.zeros(shape[0], np.float32)


def _fill_norm(norm: Any, depth: int) -> None:
    norm.gamma, norm.beta = np.ones(depth, np.float32), np.zeros(depth, np.float32)
