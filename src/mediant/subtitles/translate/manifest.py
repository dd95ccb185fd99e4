"""`manifest.json`: what a folder with a translation model says of itself.

```json
{
  "kind": "opus", "sources": ["eng"], "targets": ["spa"], "licence": "CC-BY-4.0",
  "origin": "Helsinki-NLP/opus-mt-en-es", "tokenizer": ["source.spm", "target.spm"],
  "sha256": {"model.bin": "…"}
}
```

Everything may be left out; `folder` then guesses it from the files, as far as they tell it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mediant.errors import ModelError

MANIFEST = "manifest.json"

Kind = Literal["opus", "plain", "m2m100", "nllb", "madlad"]
"""How sentences are handed over, where `pieces` are those of SentencePiece:

| kind | source | first of the target |
|---|---|---|
| opus | [`>>spa<<`] pieces `</s>` | |
| plain (Argos, OpenNMT) | pieces | a prefix, where the package names one |
| m2m100 | `__en__` pieces `</s>` | `__es__` |
| nllb | `eng_Latn` pieces `</s>` | `spa_Latn` |
| madlad | `<2es>` pieces `</s>` | |

The end mark is left to CTranslate2 where `config.json` says `add_source_eos`.
"""

Names = Annotated[list[str], Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What is said; None for what is not."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Kind | None = None
    sources: Names | None = None
    """Any codes or names of languages."""
    targets: Names | None = None
    licence: str | None = None
    origin: str | None = None
    version: str | None = None
    tokenizer: tuple[str] | tuple[str, str] | None = None
    """Files of SentencePiece: one for both languages, or one for each."""
    target_prefix: str | None = None
    """What every translation begins with (some Argos packages)."""
    sha256: Mapping[str, Sha256] = {}
    """File -> checksum, compared when the model is loaded."""


def read_manifest(folder: Path) -> Manifest:
    """The folder's own words; an empty manifest without any. ModelError when it is no manifest."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Manifest()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"{MANIFEST}: {place}: {first['msg']}.", asset=str(folder)) from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{MANIFEST} cannot be read: {error}.", asset=str(folder)) from error
