"""A hub of models, asked with its own client: its address, token and proxies are the client's.

Imports the client, which is no part of the base installation: only a pull by a hub's name does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.tqdm import tqdm

from mediant.errors import MediantError, ModelError, NotFound

_ANSWER_S = 30.0
_IMPORT = "or bring the files yourself: mediant models import FILE"

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository, as the hub describes it; what it does not tell is None."""

    name: str
    size_bytes: int | None
    sha256: str | None
    """Told of large files only."""
    git_sha1: str | None
    """Git's checksum of a small file."""


@dataclass(frozen=True, slots=True)
class HubListing:
    """One state of a repository."""

    repository: str
    commit: str
    licence: str | None
    files: tuple[HubFile, ...]


class Hub:
    """One hub."""

    def __init__(self, endpoint: str | None = None) -> None:
        """`endpoint` is its address; None: the client's own, or that of `HF_ENDPOINT`."""
        self._endpoint = endpoint

    def look_up(self, repository: str, revision: str | None) -> HubListing:
        """What a repository has at a revision, or now. NotFound, or ModelError with a remedy."""
        with self._asking(repository):
            try:
                found = HfApi(endpoint=self._endpoint).model_info(
                    repository, revision=revision, timeout=_ANSWER_S, files_metadata=True
                )
            except HFValidationError as error:
                text = f"No repository can have this name: {_one_line(error)}."
                raise NotFound(text, asset=repository) from error
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise self._no_hub(repository, error) from error
        if not found.sha:
            raise self._no_hub(repository, "it names no commit")
        files = tuple(_describe(one) for one in found.siblings or ())
        return HubListing(repository, found.sha, _find_licence(found.card_data), files)

    def fetch(self, listing: HubListing, name: str, folder: Path, advance: Advance) -> Path:
        """Download a file into a folder; a connection that breaks is taken up again where it broke.

        `advance` is told of bytes as they come; what it raises ends the download. ModelError with
        a remedy when the file does not come; OSError when the folder cannot be written.
        """
        with self._asking(listing.repository):
            got = hf_hub_download(
                listing.repository,
                name,
                revision=listing.commit,
                local_dir=folder,
                endpoint=self._endpoint,
                tqdm_class=_make_meter(advance),
            )
        return Path(got)

    @contextmanager
    def _asking(self, repository: str) -> Iterator[None]:
        """The client's errors, in words."""
        try:
            yield
        except LocalEntryNotFoundError as error:  # what really happened is behind it
            raise self._translate(repository, error.__cause__ or error) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of this machine's disk
            raise self._translate(repository, error) from error

    @property
    def _address(self) -> str:
        return self._endpoint or constants.ENDPOINT

    def _translate(self, repository: str, error: BaseException) -> MediantError:
        if isinstance(error, OfflineModeIsEnabled):
            text = "HF_HUB_OFFLINE forbids to ask a hub."
            return ModelError(text, asset=repository, remedy=f"Unset it, {_IMPORT}")
        if isinstance(error, HfHubHTTPError):
            return self._refused(repository, error)
        if isinstance(error, FileMetadataError):
            return self._no_hub(repository, error)
        if isinstance(error, (httpx2.HTTPError, httpx2.InvalidURL, LocalEntryNotFoundError)):
            return self._unreachable(repository, error)
        text = f"The download is not what the hub announced: {_one_line(error)}."
        return ModelError(text, asset=repository, remedy="Pull again.")

    def _refused(self, repository: str, error: HfHubHTTPError) -> MediantError:
        if isinstance(error, GatedRepoError):
            text = "The hub gives it only to those who accepted its terms."
            remedy = "Accept them on its page at the hub, and set HF_TOKEN."
            return ModelError(text, asset=repository, remedy=remedy)
        if isinstance(error, RepositoryNotFoundError):
            text = f"The hub at {self._address} has no such repository, or shows it to others only."
            remedy = "Check the name; for a repository that is not public set HF_TOKEN."
            return NotFound(text, asset=repository, remedy=remedy)
        if isinstance(error, RevisionNotFoundError):
            text = "The repository has no such revision."
            return NotFound(text, asset=repository, remedy="Leave @revision out for the newest.")
        status = error.response.status_code
        said = f": {_one_line(error.server_message)}" if error.server_message else ""
        text = f"The hub at {self._address} answered {status}{said}."
        return ModelError(text, asset=repository, remedy=f"Try again later, {_IMPORT}")

    def _unreachable(self, repository: str, error: BaseException) -> ModelError:
        text = f"The hub at {self._address} cannot be reached: {_one_line(error)}."
        remedy = f"Check the network, the proxy and HF_ENDPOINT, {_IMPORT}"
        return ModelError(text, asset=repository, remedy=remedy)

    def _no_hub(self, repository: str, cause: object) -> ModelError:
        text = f"What answers at {self._address} is no hub: {_one_line(cause)}."
        return ModelError(text, asset=repository, remedy="Check HF_ENDPOINT and the proxy.")


def _describe(sibling: Any) -> HubFile:
    large = sibling.lfs
    return HubFile(
        name=sibling.rfilename,
        size_bytes=sibling.size,
        sha256=large.sha256 if large else None,
        git_sha1=None if large else sibling.blob_id,
    )


def _find_licence(card: Any) -> str | None:
    said = getattr(card, "license", None)
    return ", ".join(map(str, said)) if isinstance(said, list) else said


def _one_line(cause: object) -> str:
    return " ".join(str(cause).split()).rstrip(".") or type(cause).__name__


def _make_meter(advance: Advance) -> type[tqdm]:
    """The client tells of progress only to a bar of this class; this one draws nothing."""

    class Meter(tqdm):
        def __init__(self, *args: Any, **given: Any) -> None:
            super().__init__(*args, **{**given, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> bool | None:
            advance(int(n or 0))
            return None

    return Meter
