"""Argos Translate's packages (`.argosmodel`), unpacked into the layout of `MODELS/mt/`.

Such a file is a zip with one folder: `metadata.json`, a CTranslate2 model in `model/` and a
SentencePiece file. Only these are taken, never by the paths that the zip names.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from mediant.errors import ModelError, Refused
from mediant.kernel.flush import sync_folder, write_through
from mediant.kernel.languages import UNKNOWN
from mediant.models.archive import is_link, reading, require_checksum
from mediant.models.facts import hash_file
from mediant.subtitles.translate.folder import METADATA, SHELF, Folder, read_folder
from mediant.subtitles.translate.manifest import MANIFEST
from mediant.subtitles.translate.tokens import code_of

_TOKENIZER = "sentencepiece.model"
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENCE", "LICENSE.md", "COPYING")
_MODEL_FILES = frozenset(
    f"{stem}_vocabulary{end}"
    for stem in ("shared", "source", "target")
    for end in (".json", ".txt")
) | {"model.bin", "config.json", "vmap.txt"}
_LONGEST_BYTES = 4 << 30
_METADATA_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20
_WORKPLACE = ".import."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import put into the models folder."""

    folder: Folder
    sha256: str
    """Of the package."""
    version: str | None
    licence: str | None
    """As the package tells it; None when it does not."""


def is_argos(path: Path) -> bool:
    """Whether this looks like such a package: by its name, or by what a zip holds."""
    if path.suffix == ".argosmodel":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            places = {PurePosixPath(name).parts[1:] for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError):
        return False
    return {(METADATA,), ("model", "model.bin")} <= places


def import_argos(package: Path, models: Path, sha256: str | None = None) -> Imported:
    """Unpack, check and install a package as `MODELS/mt/<source>-<target>/`.

    `sha256` is what the file's checksum shall be, where the user knows it. ModelError when the
    package is no such thing, is damaged, or cannot be written; Refused when the folder is there.
    """
    try:
        found = hash_file(package)
        if sha256:
            require_checksum(package, found, sha256)
        with reading(package, "zip file"), zipfile.ZipFile(package) as archive:
            return _install(archive, models, found, package)
    except OSError as error:
        raise ModelError(
            f"{error.strerror or error}.", asset=str(error.filename or package)
        ) from error


def _install(archive: zipfile.ZipFile, models: Path, sha256: str, package: Path) -> Imported:
    wanted = _find_wanted(archive, package)
    said = _read_metadata(archive, wanted, package)
    source, target = code_of(str(said.get("from_code"))), code_of(str(said.get("to_code")))
    if UNKNOWN in (source, target) or source == target:
        raise ModelError(f"{METADATA} names no pair of languages.", asset=str(package))
    place = models / SHELF / f"{source}-{target}"
    if place.exists():
        text = "There is a model of this pair already."
        raise Refused(text, asset=str(place), remedy="Remove this folder first.")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_WORKPLACE, suffix="~", dir=place.parent) as workplace:
        made = Path(workplace) / place.name
        made.mkdir()
        hashes = {name: _unpack(archive, info, made / name) for name, info in wanted.items()}
        _write_manifest(made, said, (source, target), hashes, sha256)
        _prove(made)
        made.rename(place)
    sync_folder(place.parent)
    folder = read_folder(place)
    version = str(said["package_version"]) if said.get("package_version") else None
    return Imported(folder, sha256, version, folder.licence)


def _prove(made: Path) -> None:
    """Load it once, where there is something to load it with."""
    folder = read_folder(made)
    if all(find_spec(name) for name in ("ctranslate2", "sentencepiece")):
        from mediant.subtitles.translate.ctranslate import CTranslateTranslator  # noqa: PLC0415

        CTranslateTranslator(folder).close()


def _find_wanted(archive: zipfile.ZipFile, package: Path) -> dict[str, zipfile.ZipInfo]:
    """Name of the file to write -> its entry. Everything else in the zip is left there."""
    wanted: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        parts = PurePosixPath(info.filename).parts
        name = _name_for(parts)
        if name is None or info.is_dir():
            continue
        if name in wanted or is_link(info):
            raise ModelError(f"It holds {info.filename} twice or as a link.", asset=str(package))
        wanted[name] = info
    if sum(info.file_size for info in wanted.values()) > _LONGEST_BYTES:
        raise ModelError("Unpacked it would take more than 4 GiB.", asset=str(package))
    if METADATA not in wanted or "model.bin" not in wanted:
        raise ModelError("It is no Argos package: no metadata or no model.", asset=str(package))
    if _TOKENIZER not in wanted:
        text = "Its texts are cut by BPE codes; only SentencePiece is understood."
        raise ModelError(text, asset=str(package))
    return wanted


def _name_for(parts: tuple[str, ...]) -> str | None:
    """Where a file of the zip goes, by its place in the package; None for what is not needed."""
    if len(parts) == 3 and parts[1] == "model" and parts[2] in _MODEL_FILES:
        return parts[2]
    if len(parts) == 2 and parts[1] in {METADATA, _TOKENIZER, "README.md", *_LICENCES}:
        return parts[1]
    return None


def _read_metadata(
    archive: zipfile.ZipFile, wanted: Mapping[str, zipfile.ZipInfo], package: Path
) -> dict[str, Any]:
    if wanted[METADATA].file_size > _METADATA_BYTES:
        raise ModelError(f"{METADATA} is larger than 1 MiB.", asset=str(package))
    try:
        said = json.loads(archive.read(wanted[METADATA]))
    except ValueError as error:
        raise ModelError(f"{METADATA} cannot be read: {error}.", asset=str(package)) from error
    if not isinstance(said, dict):
        raise ModelError(f"{METADATA} is no JSON object.", asset=str(package))
    return said


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> str:
    """Write one file through to the disk; its SHA-256. The zip's own checksum is compared.

    zipfile never gives more bytes than the entry announces, so the total stays as counted.
    """
    with archive.open(info) as packed, path.open("xb") as file:
        shutil.copyfileobj(packed, file, _CHUNK_BYTES)
        file.flush()
        os.fsync(file.fileno())
    return hash_file(path)


def _write_manifest(
    folder: Path,
    said: Mapping[str, Any],
    pair: tuple[str, str],
    hashes: Mapping[str, str],
    sha256: str,
) -> None:
    licence = said.get("license") or said.get("licence")
    files = [name for name in _LICENCES if name in hashes]
    fields: dict[str, Any] = {
        "kind": "plain",
        "sources": [pair[0]],
        "targets": [pair[1]],
        "licence": str(licence) if licence else f"see {files[0]}" if files else None,
        "origin": f"Argos package, SHA-256 {sha256}",
        "version": str(said["package_version"]) if said.get("package_version") else None,
        "tokenizer": [_TOKENIZER],
        "target_prefix": str(said["target_prefix"]) if said.get("target_prefix") else None,
        "sha256": dict(hashes),
    }
    write_through(folder / MANIFEST, json.dumps(fields, indent=1).encode())
