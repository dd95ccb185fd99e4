"""Real music through its life: tagged, calibrated, changed, calibrated anew, brought back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.integration.calibration.real_music import (
    SECONDS,
    SUFFIXES,
    Piece,
    is_there,
    list_midi,
    list_recordings,
    write_all,
)
from tests.integration.cli.shell import Shell

from mediant.errors import ModelError
from mediant.models.models import Models
from mediant.testing.media import MediaFactory
from mediant.testing.server import running_server
from mediant.testing.wishes import wait_until_idle

PULLED = Path(__file__).parents[3] / ".cache" / "models"
LEAST_TRACKS = 40
FAREWELL = (
    "5432gone_redfarn", "be_sharp_bw_redfarn", "boogi_marabi_redfarn", "busy_schedule",
    "careless_perc_redfarn", "chemistry_lab", "chuggachugga", "city_blues_redfarn",
    "coconut_run2", "flying_scotsman", "harp_harmony", "keep_on_rolling",
)  # fmt: skip
"""The pieces that leave the library."""
MOODS = ("mood-strict", "mood-regular", "mood-loose")
SPANS = "/api/v2/tagging/calibration"

Bytes = dict[Path, bytes]
Tags = dict[str, list[str]]

pytestmark = [pytest.mark.slow, pytest.mark.corpus, pytest.mark.models]


@pytest.fixture(scope="module")
def environ() -> dict[str, str]:
    """Settings of the server and of every command: the two built-in networks."""
    try:
        Models(PULLED).pull()
    except ModelError as error:
        pytest.skip(f"the weights cannot be fetched: {error}")
    return {
        "MEDIANT_MODELS_DIR": str(PULLED),
        "MEDIANT_CALIBRATION__CALIBRATE_HEADS": "true",
        "MEDIANT_CALIBRATION__MIN_SAMPLES": "30",
        "MEDIANT_JOBS__CPU_WORKERS": "2",
    }


@dataclass
class Place:
    """The music, the server that knows it, and the command line."""

    media: MediaFactory
    client: httpx2.Client
    shell: Shell
    library_id: int = 0

    def open_library(self) -> None:
        body = {"root_path": str(self.media.folder), "name": "Games", "write_mode": "full"}
        made = self.client.post("/api/v2/libraries", json=body).raise_for_status().json()
        self.library_id = made["id"]

    def scan(self) -> None:
        """Scan, and wait until all that follows from it has ended."""
        self.client.post(f"/api/v2/libraries/{self.library_id}/scan", json={}).raise_for_status()
        assert wait_until_idle(self.client)["failed"] == 0

    def read_files(self) -> Bytes:
        return {path: path.read_bytes() for path in sorted(self.media.folder.iterdir())}

    def read_track(self, path: Path) -> dict[str, Any]:
        answer = self.client.get("/api/v2/tagging/track", params={"path": str(path)})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def read_moods(self, paths: Sequence[Path]) -> dict[Path, Tags]:
        """The mood lists as they are stored."""
        return {path: pick_moods(self.read_track(path)["tags"]) for path in paths}

    def read_own(self, path: Path) -> Tags:
        """Our tags as they stand in the file."""
        answer = self.client.get("/api/v2/tagging/own-tags", params={"path": str(path)})
        found: Tags = answer.raise_for_status().json()["tags"]
        return found

    def calibrate(self) -> dict[str, Any]:
        run: dict[str, Any] = self.shell.well("calibrate", "run", "--json").json()["run"]
        return run

    def retag(self, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = self.shell.well("retag", "--json", *options).json()["result"]
        return found


def pick_moods(tags: Mapping[str, Sequence[str]]) -> Tags:
    return {key: sorted(tags[key]) for key in MOODS if tags.get(key)}


@pytest.fixture
def place(tmp_path: Path, environ: dict[str, str]) -> Iterator[Place]:
    if not is_there():
        pytest.skip("needs `make corpora` and timidity")
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        shell = Shell(server.config_dir, environ)
        yield Place(MediaFactory(tmp_path / "music"), client, shell)


def list_changed(before: Bytes, after: Bytes) -> set[Path]:
    assert before.keys() == after.keys()
    return {path for path in before if before[path] != after[path]}


def check_drift(place: Place, second: Mapping[str, Any]) -> None:
    """The history tells what moved since the first run, and the status what is in force."""
    assert second["version"] == 2
    first = place.client.get(f"{SPANS}/run", params={"version": 1}).raise_for_status().json()
    assert all(head["drift"] is None for head in first["heads"])
    history = place.client.get(f"{SPANS}/history", params={"limit": 1000}).json()["items"]
    newest = [head for head in history if head["version"] == 2]
    assert {head["head_name"] for head in newest} == {h["head_name"] for h in second["heads"]}
    assert all(head["drift"] is not None for head in newest)
    moved = [head for head in newest if not head["is_stable"]]
    assert len(moved) == second["unstable_heads"] > 0
    assert max(head["drift"]["apd_p95"] for head in moved) > 0.01
    status = place.shell.well("calibrate", "status", "--json").json()
    assert status == place.client.get(SPANS).raise_for_status().json()
    assert status["global_version"] == second["global_version"] != first["global_version"]
    (mine,) = status["libraries"]
    assert mine["outdated_count"] == mine["total_files"] >= LEAST_TRACKS


def fill(place: Place) -> Bytes:
    """A tagged, calibrated library whose files hold our tags; the files as they were before."""
    pieces = [Piece(path) for path in (*list_midi(), *list_recordings()[:9])]
    assert len(pieces) >= LEAST_TRACKS
    paths = write_all(pieces, place.media)
    assert {path.suffix[1:] for path in paths} == set(SUFFIXES)
    untouched = place.read_files()
    place.open_library()
    place.scan()
    assert place.read_files() == untouched  # no calibration is there yet
    assert place.calibrate()["version"] == 1
    assert place.retag()["files_to_write"] == len(paths)
    assert list_changed(untouched, place.read_files()) == set(paths)
    check_files(place, paths)
    return untouched


def change(place: Place) -> Bytes:
    """Some music goes, other music comes and is written at once; that as it came."""
    before = place.read_files()
    gone = [path for path in before if path.stem.removesuffix("-0") in FAREWELL]
    assert len(gone) == len(FAREWELL)
    for path in gone:
        path.unlink()
    recordings = list_recordings()
    later = [Piece(path, SECONDS) for path in recordings]
    new = write_all([*map(Piece, recordings[9:]), *later], place.media)
    fresh = {path: path.read_bytes() for path in new}
    place.scan()
    now = place.read_files()
    assert len(now) >= LEAST_TRACKS
    assert {path for path in now if before.get(path) == now[path]} == before.keys() - gone
    assert all(now[path] != data for path, data in fresh.items())
    check_files(place, list(now))
    return fresh


def check_files(place: Place, paths: Sequence[Path]) -> None:
    """The mood lists in the files are those that are stored."""
    assert {path: pick_moods(place.read_own(path)) for path in paths} == place.read_moods(paths)


def test_a_real_library_is_calibrated_changed_and_brought_back(place: Place) -> None:
    untouched = fill(place)
    untouched |= change(place)
    before = place.read_files()
    paths = list(before)
    moods = place.read_moods(paths)
    second = place.calibrate()
    check_drift(place, second)

    dry = place.retag("--dry-run")
    assert place.read_files() == before
    assert place.read_moods(paths) == moods
    told = place.retag()
    assert told == {**dry, "dry_run": False}
    after, moods_after = place.read_files(), place.read_moods(paths)
    changed = {path for path in paths if moods[path] != moods_after[path]}
    assert list_changed(before, after) == changed
    assert 0 < len(changed) == told["files_to_write"] < len(paths)
    check_files(place, paths)
    (mine,) = place.client.get(SPANS).json()["libraries"]
    assert mine["outdated_count"] == 0

    # Each write is taken back: first the moods of the second calibration, then all of ours.
    place.shell.well("tag", "undo", *sorted(changed))
    assert place.read_files() == before
    place.shell.well("tag", "undo", place.media.folder)
    assert place.read_files() == {path: untouched[path] for path in paths}
