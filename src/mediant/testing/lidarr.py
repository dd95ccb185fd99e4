"""A stand-in for Lidarr: it sends the webhooks and starts the custom script, as the real one does.

The shapes follow Lidarr's own sources: `src/NzbDrone.Core/Notifications/Webhook/WebhookBase.cs`
(bodies), `WebhookProxy.cs` (method, headers, Basic credentials; nulls are left out, names are
camelCase) and `src/NzbDrone.Core/Notifications/CustomScript/CustomScript.cs` (variables). The
variables reach a script in lower case, because .NET's `StringDictionary` folds its keys.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import httpx2

from mediant.testing.waiting import PATIENCE_S

TRIGGERS: Mapping[str, str] = {
    "Grab": "onGrab",
    "Download": "onReleaseImport",
    "Rename": "onRename",
    "Retag": "onTrackRetag",
    "ArtistDelete": "onArtistDelete",
    "AlbumDelete": "onAlbumDelete",
    "ImportFailure": "onImportFailure",
    "Health": "onHealthIssue",
    "ApplicationUpdate": "onApplicationUpdate",
}
"""Event of a webhook -> the trigger of a connection (`NotificationResource`) that sends it."""


@dataclass(frozen=True, slots=True)
class FakeLidarr:
    """A Lidarr with one artist.

    `url` is that of the webhook. `password` travels as HTTP Basic, `headers` as they are, like
    the fields of the real connection. `folder` is the artist's folder, as Lidarr names it.
    """

    url: str
    folder: str
    password: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"

    def send(self, event: str, **fields: Any) -> httpx2.Response:
        """Any event, with its artist."""
        return self._post({**self._head(event), "artist": self.artist(), **fields})

    def test(self) -> httpx2.Response:
        """What the button *Test* sends: an artist in a folder that no machine has."""
        artist = {"id": 1, "name": "Test Name", "path": "C:\\testpath", "mbId": "aaaaa-aaa-aaaa"}
        albums = [{"id": 123, "title": "Test title"}]
        return self._post({**self._head("Test"), "artist": artist, "albums": albums})

    def grab(self) -> httpx2.Response:
        """A release was sent to the download client; there is no file yet."""
        release = {"quality": "FLAC", "qualityVersion": 1, "releaseTitle": "A-B", "size": 1}
        return self.send("Grab", albums=[self.album()], release=release)

    def import_album(
        self, paths: Sequence[str], *, replaced: Sequence[str] = ()
    ) -> httpx2.Response:
        """Files were imported; `replaced` are those that made place for better ones."""
        fields: dict[str, Any] = {
            "album": self.album(),
            "tracks": [self.track(number) for number, _ in enumerate(paths, start=1)],
            "trackFiles": [self.track_file(path) for path in paths],
            "isUpgrade": bool(replaced),
            "downloadClient": "sabnzbd",
            "downloadClientType": "SABnzbd",
            "downloadId": "SABnzbd_nzo_abc",
        }
        if replaced:
            fields["deletedFiles"] = [self.track_file(path) for path in replaced]
        return self.send("Download", **fields)

    def retag(self, path: str) -> httpx2.Response:
        """A file's tags were written anew."""
        return self.send("Retag", trackFile=self.track_file(path))

    def rename(self, moves: Mapping[str, str]) -> httpx2.Response:
        """Files were moved: old path -> new path."""
        files = [{**self.track_file(new), "previousPath": old} for old, new in moves.items()]
        return self.send("Rename", renamedTrackFiles=files)

    def delete_album(self, *, with_files: bool) -> httpx2.Response:
        """An album was taken out of Lidarr, with its files or without."""
        return self.send("AlbumDelete", album=self.album(), deletedFiles=with_files)

    def delete_artist(self, *, with_files: bool) -> httpx2.Response:
        """An artist was taken out of Lidarr, with the files or without."""
        return self.send("ArtistDelete", deletedFiles=with_files)

    # Parts of the bodies

    def artist(self) -> dict[str, Any]:
        """The artist, as `WebhookArtist` says it."""
        return {
            "id": 7,
            "name": PurePath(self.folder).name,
            "disambiguation": "",
            "path": self.folder,
            "mbId": "b1a9c0e9-d987-4042-ae91-78d6a3267d69",
            "type": "Group",
            "overview": "",
            "genres": ["Electronic"],
            "images": [],
        }

    def album(self) -> dict[str, Any]:
        """The album, as `WebhookAlbum` says it."""
        return {
            "id": 3,
            "mbId": "cb9c2a4c-2b5b-4b39-9c5f-6a1d1a0a7b11",
            "title": "Album",
            "disambiguation": "",
            "albumType": "Album",
            "secondaryAlbumTypes": [],
            "releaseDate": "2020-01-31T00:00:00Z",
            "genres": [],
            "images": [],
        }

    def track(self, number: int) -> dict[str, Any]:
        """A track, as `WebhookTrack` says it."""
        return {"id": number, "title": f"Track {number}", "trackNumber": str(number)}

    def track_file(self, path: str) -> dict[str, Any]:
        """A file, as `WebhookTrackFile` says it; absent fields are nulls that were left out."""
        return {"id": 11, "path": path, "quality": "FLAC", "qualityVersion": 1, "size": 1_000}

    # The custom script

    def run_script(self, script: Path, event: str, **variables: str) -> "Script":
        """Start a custom script as Lidarr does, and wait for it.

        `event` is the script's word for it (`Test`, `AlbumDownload`, `TrackRetag`, `Rename`);
        `variables` are its `Lidarr_…` variables by the rest of their names.
        """
        given = {
            "EventType": event,
            "InstanceName": "Lidarr",
            "ApplicationUrl": "",
            **({} if event == "Test" else {"Artist_Path": self.folder}),
            **variables,
        }
        environ = {f"lidarr_{name.lower()}": value for name, value in given.items()}
        done = subprocess.run(
            [str(script)],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Script(done.returncode, done.stdout, done.stderr)

    def _head(self, event: str) -> dict[str, str]:
        return {"eventType": event, "instanceName": "Lidarr", "applicationUrl": ""}

    def _post(self, body: Mapping[str, Any]) -> httpx2.Response:
        credential = ("lidarr", self.password) if self.password is not None else None
        headers = {"Accept": "application/json", **self.headers}
        return httpx2.request(
            self.method, self.url, json=body, headers=headers, auth=credential, timeout=PATIENCE_S
        )


@dataclass(frozen=True, slots=True)
class Script:
    """What a custom script left behind; Lidarr's test fails for every code but 0."""

    code: int
    out: str
    err: str


def join_paths(paths: Iterable[str]) -> str:
    """Several paths in one variable, as Lidarr writes them."""
    return "|".join(paths)
