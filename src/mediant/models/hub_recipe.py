"""How a speech model of a hub is installed: looked up, fetched, checked, renamed into place whole.

The commit and the checksums of all files are noted beside it, so that damage is found later.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from mediant.errors import ModelError, Refused
from mediant.kernel.units import format_size
from mediant.models.facts import hash_file
from mediant.models.place import put_folder, remove_folder, require_space
from mediant.models.recipe import Prepared
from mediant.models.speech_check import complete_folder
from mediant.models.speech_folder import (
    SPEECH_FOLDER,
    WEIGHTS,
    find_licence,
    is_speech_file,
    list_missing,
)
from mediant.models.speech_names import HubModel
from mediant.models.speech_note import find_damage, read_note
from mediant.models.step import PullStep, Report, TransferMeter
from mediant.models.wheel import Wheel

if TYPE_CHECKING:
    from mediant.models.hub import Hub, HubFile, HubListing

_CHUNK_BYTES = 1 << 20
_SHOWN = 12
"""Letters of a commit, for people."""


@dataclass(frozen=True, slots=True)
class HubRecipe:
    """Fetches the files of one state of a repository."""

    model: HubModel
    endpoint: str | None = None
    """The hub's address; None: the client's own, or that of `HF_ENDPOINT`."""

    act = "asking the hub"
    wheels: ClassVar[tuple[Wheel, ...]] = ()
    size_bytes: ClassVar[int] = 0

    @property
    def name(self) -> str:
        """The model's."""
        return self.model.name

    def find_fault(self, models: Path) -> str | None:
        """Why it does not count as installed; None when it does."""
        folder = self._find_folder(models)
        if not folder.is_dir():
            return "It is not installed."
        note = read_note(folder)
        if note is None:
            return "Mediant did not put this folder there."
        wanted = self.model.revision
        if wanted and not (note.revision or "").startswith(wanted):
            return f"It is revision {note.revision}, not {wanted}."
        return find_damage(folder, note)

    def prepare(
        self,
        wheels: Mapping[Wheel, Path],  # noqa: ARG002
        workplace: Path,
        report: Report,
    ) -> Prepared:
        """All files in a folder of the workplace, each with the checksum that the hub tells."""
        place = self._find_folder(workplace.parent)
        if place.exists() and read_note(place) is None:
            text = "A folder that Mediant did not make has this model's name."
            raise Refused(text, asset=str(place), remedy="Rename or remove it, and pull again.")
        hub = open_hub(self.endpoint)
        listing = hub.look_up(self.model.repository, self.model.revision)
        files = _choose(listing)
        total = sum(file.size_bytes or 0 for file in files)
        require_space(self.name, total, workplace)
        report(PullStep(self.name, _announce(listing, total)))
        meter = TransferMeter(self.name, total, report)
        folder = workplace / self.model.folder_name
        folder.mkdir()
        for file in files:
            _fetch(hub, listing, file, folder, meter.add)
        source = f"{listing.repository} {listing.commit}"
        licence = listing.licence or self.model.licence or find_licence(folder)
        note = complete_folder(folder, self.name, source, licence, listing.commit)
        return Prepared(folder, note.files[WEIGHTS], licence)

    def put(self, prepared: Path, models: Path) -> None:
        """Rename the folder into place; what lay there goes aside first."""
        put_folder(prepared, self._find_folder(models))

    def remove(self, models: Path) -> bool:
        """Delete the folder."""
        return remove_folder(self._find_folder(models))

    def _find_folder(self, models: Path) -> Path:
        return models / SPEECH_FOLDER / self.model.folder_name


def open_hub(endpoint: str | None = None) -> "Hub":
    """The hub. ModelError when its client is not installed."""
    # Read by the client when it is imported: plain HTTP, which is what is tested (decision 059),
    # and nobody is told who asks.
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from mediant.models.hub import Hub  # noqa: PLC0415 (an extra, and only a pull needs it)
    except ImportError as error:
        text = "What talks to a hub is not installed."
        raise ModelError(text, remedy="Run: pip install 'mediant[speech]'") from error
    return Hub(endpoint)


def _choose(listing: "HubListing") -> list["HubFile"]:
    """The files to fetch, small ones first: what is wrong shows before the weights are here."""
    chosen = [file for file in listing.files if is_speech_file(file.name)]
    missing = list_missing({file.name for file in chosen})
    if missing:
        text = f"It is no Whisper in CTranslate2's form: it lacks {', '.join(missing)}."
        remedy = "Name a repository with a converted model, such as Systran/faster-whisper-small."
        raise ModelError(text, asset=listing.repository, remedy=remedy)
    return sorted(chosen, key=lambda file: (file.name == WEIGHTS, file.name))


def _announce(listing: "HubListing", total: int) -> str:
    size = f"{format_size(total)}, " if total else ""
    licence = f"licence {listing.licence}" if listing.licence else "the hub tells no licence"
    return f"fetching {listing.repository} {listing.commit[:_SHOWN]}: {size}{licence}"


def _fetch(
    hub: "Hub",
    listing: "HubListing",
    file: "HubFile",
    folder: Path,
    advance: Callable[[int], None],
) -> None:
    fetched = hub.fetch(listing, file.name, folder.with_name("fetched"), advance)
    _require_sound(fetched, file, listing)
    fetched.rename(folder / file.name)


def _require_sound(path: Path, file: "HubFile", listing: "HubListing") -> None:
    """Compared with whatever the hub tells of the file."""
    size = path.stat().st_size
    faults = (
        file.size_bytes is not None and size != file.size_bytes,
        file.sha256 is not None and hash_file(path) != file.sha256,
        file.git_sha1 is not None and _hash_as_git(path, size) != file.git_sha1,
    )
    if any(faults):
        text = f"{file.name} is not what the hub announced."
        raise ModelError(text, asset=listing.repository, remedy="Pull again.")


def _hash_as_git(path: Path, size: int) -> str:
    digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
