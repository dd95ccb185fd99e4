"""Binds metadata to the graph beside them. What the graph has wins; doubt is a refusal."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mediant.errors import ModelError
from mediant.models.facts import GraphFacts
from mediant.models.metadata import Metadata, family_of
from mediant.models.signature import Port, list_ports, require_rank
from mediant.models.suite import Backbone, FrontEnd, Head

_BANDS: Mapping[FrontEnd, int] = {"musicnn": 96, "vggish": 64}
_PATCH_RANK = 3
_ROW_RANK = 2


def bind_backbone(graph: Path, facts: GraphFacts, metadata: Metadata) -> Backbone:
    """The network with the names and sizes that its graph has; ModelError with the reason."""
    require_loads(facts)
    algorithm = metadata.algorithm
    port = require_rank(facts.signature.inputs, _PATCH_RANK, "input [batch, frames, bands]")
    _require_size(port, 1, algorithm.patch_frames, "frames")
    _require_size(port, 2, _BANDS[algorithm.front_end], "bands")
    rows = [output for output in facts.signature.outputs if len(output.shape) == _ROW_RANK]
    labels = metadata.labels
    tags = _choose_labelled(rows, labels, metadata.prediction_names) if labels else None
    embedding = _choose_embedding([row for row in rows if row is not tags], metadata)
    return Backbone(
        name=family_of(graph.stem),
        version=facts.sha256,
        graph=graph,
        input_name=port.name,
        front_end=algorithm.front_end,
        patch_frames=algorithm.patch_frames,
        patch_hop=algorithm.patch_hop,
        sample_rate=metadata.sample_rate,
        embedding_output=embedding.name,
        embedding_dim=_require_width(embedding),
        tag_output=tags.name if tags else None,
        tag_labels=labels,
        batch=port.shape[0],
        licence=metadata.licence,
        source=metadata.source,
    )


def bind_head(
    graph: Path, facts: GraphFacts, metadata: Metadata, backbones: Sequence[Backbone]
) -> Head:
    """The head on the backbone that its metadata name; ModelError with the reason."""
    require_loads(facts)
    backbone = _find_backbone(metadata.embedding_model, backbones)
    port = require_rank(facts.signature.inputs, _ROW_RANK, "input [batch, embedding]")
    width = port.width or metadata.input_width
    if width != backbone.embedding_dim:
        raise ModelError(
            f"It takes embeddings of width {width}, but {backbone.name} gives"
            f" {backbone.embedding_dim}."
        )
    labels = metadata.labels
    if not labels:
        raise ModelError("Its metadata name no classes.")
    rows = [output for output in facts.signature.outputs if len(output.shape) == _ROW_RANK]
    output = _choose_labelled(rows, labels, metadata.prediction_names)
    return Head(
        name=_head_name(graph.stem, backbone.name),
        backbone=backbone.name,
        version=facts.sha256,
        graph=graph,
        input_name=port.name,
        output_name=output.name,
        labels=labels,
        kind=metadata.kind(graph.parent.name),
        positive=metadata.positive,
        licence=metadata.licence,
        source=metadata.source,
        options=metadata.options,
    )


def require_loads(facts: GraphFacts) -> None:
    """ModelError when the graph did not load."""
    if facts.problem is not None:
        raise ModelError(facts.problem)


def _find_backbone(wanted: str, backbones: Sequence[Backbone]) -> Backbone:
    """By prefix, so that every file version and batch form of one family fits."""
    fitting = [one for one in backbones if wanted == one.name or wanted.startswith(f"{one.name}-")]
    if not fitting:
        text = f"It needs the embeddings of {wanted}, which is not among the usable networks."
        raise ModelError(text)
    return max(fitting, key=lambda one: len(one.name))


def _head_name(stem: str, backbone: str) -> str:
    """`mood_happy` for `mood_happy-msd-musicnn-1`; the JSON's own name is sometimes wrong."""
    name, found, _ = stem.partition(f"-{backbone}")
    return name if found and name else family_of(stem)


def _choose_labelled(rows: Sequence[Port], labels: Sequence[str], named: Sequence[str]) -> Port:
    """The output as wide as there are classes."""
    fitting = [row for row in rows if row.width == len(labels)]
    if not fitting:
        text = f"Its metadata name {len(labels)} classes, but no output is so wide"
        raise ModelError(f"{text}: {list_ports(rows)}.")
    return _only(fitting, [*named, "activations"], f"is meant by the {len(labels)} classes")


def _choose_embedding(rows: Sequence[Port], metadata: Metadata) -> Port:
    named = [*metadata.output_names("embeddings"), "embeddings"]
    if not rows:
        raise ModelError("It has no output besides its tags that could be the embedding.")
    return _only(rows, named, "is the embedding")


def _only(rows: Sequence[Port], named: Sequence[str], what: str) -> Port:
    """The only row, or the first that a name singles out."""
    if len(rows) == 1:
        return rows[0]
    for name in named:
        for row in rows:
            if row.name == name:
                return row
    raise ModelError(f"It is not clear which output {what}: {list_ports(rows)}.")


def _require_size(port: Port, axis: int, expected: int, what: str) -> None:
    size = port.shape[axis]
    if size is not None and size != expected:
        text = f"Its metadata imply {expected} {what}, but its graph takes {port}."
        raise ModelError(text)


def _require_width(port: Port) -> int:
    if port.width is None:
        raise ModelError(f"The width of its embedding is not fixed: {port}.")
    return port.width
