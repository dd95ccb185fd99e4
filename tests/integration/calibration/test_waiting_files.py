"""Files that wait for the first calibration, and what a retagging then does with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mediant.tagging.wish import WAITS
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head
from mediant.testing.server import running_server
from mediant.testing.wishes import wait_until_idle

KEYS = ("C major", "A minor")
TAGGING = "/api/v2/tagging"
MOODS = ("mood-strict", "mood-regular", "mood-loose")


@dataclass
class Place:
    """A server that awaits its first calibration, and a library of songs that it may write to."""

    client: httpx2.Client
    media: MediaFactory
    library_id: int = 0

    def add_songs(self, *names: str) -> list[Path]:
        return [
            self.media.song(name, 10, key=key, bpm=90 + 20 * n)
            for n, (name, key) in enumerate(zip(names, cycle(KEYS), strict=False))
        ]

    def scan(self) -> None:
        path = f"/api/v2/libraries/{self.library_id}/scan"
        self.client.post(path, json={}).raise_for_status()
        assert wait_until_idle(self.client)["failed"] == 0

    def run(self, path: str, **body: Any) -> dict[str, Any]:
        """A job of its own and its children; its result."""
        wish = self.client.post(TAGGING + path, json=body).raise_for_status().json()
        wait_until_idle(self.client)
        job = self.client.get(f"/api/v2/jobs/{wish['job_id']}").json()
        assert job["state"] == "done", job
        result: dict[str, Any] = job["result"]
        return result

    def read_track(self, path: Path) -> dict[str, Any]:
        answer = self.client.get(f"{TAGGING}/track", params={"path": str(path)})
        track: dict[str, Any] = answer.raise_for_status().json()
        return track

    def read_own(self, path: Path) -> dict[str, list[str]]:
        answer = self.client.get(f"{TAGGING}/own-tags", params={"path": str(path)})
        tags: dict[str, list[str]] = answer.raise_for_status().json()["tags"]
        return tags

    def count_keys(self) -> dict[str, int]:
        """Files by key, as analytics tells them."""
        answer = self.client.get(f"{TAGGING}/analytics/frequencies", params={"limit": 200})
        items = answer.raise_for_status().json()["frequencies"]
        return {one["key"]: one["files"] for one in items}

    def assert_counts_are_true(self, paths: list[Path]) -> None:
        """Analytics, Navidrome's list and the tracks themselves agree."""
        carried = [set(self.read_track(path)["tags"]) for path in paths]
        expected = {key: sum(key in tags for tags in carried) for key in set().union(*carried)}
        assert self.count_keys() == expected
        answer = self.client.get(f"{TAGGING}/navidrome/tags").raise_for_status().json()
        assert {one["key"]: one["files"] for one in answer["tags"]} == expected


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_backbone(folder, "msd-musicnn")
    write_head(folder, "mood_happy", ["happy", "non_happy"], bias=[4.0, -4.0])
    write_head(folder, "mood_party", ["non_party", "party"], bias=[-4.0, 4.0])
    return folder


@pytest.fixture
def place(tmp_path: Path, database_url: str, models: Path) -> Iterator[Place]:
    environ = {
        "MEDIANT_DATABASE_URL": database_url,
        "MEDIANT_MODELS_DIR": str(models),
        "MEDIANT_CALIBRATION__CALIBRATE_HEADS": "true",
        "MEDIANT_CALIBRATION__MIN_SAMPLES": "3",
    }
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        place = Place(client, MediaFactory(tmp_path / "music"))
        body = {"root_path": str(place.media.folder), "name": "Music", "write_mode": "full"}
        made = client.post("/api/v2/libraries", json=body).raise_for_status().json()
        place.library_id = made["id"]
        yield place


def test_files_wait_for_the_first_calibration_and_follow_each_later_one(place: Place) -> None:
    paths = place.add_songs("a.mp3", "b.ogg", "c.flac", "d.m4a")
    untouched = [path.read_bytes() for path in paths]
    place.scan()
    assert [path.read_bytes() for path in paths] == untouched
    assert {place.read_track(path)["facts"]["write_error"] for path in paths} == {WAITS}
    place.scan()
    assert [path.read_bytes() for path in paths] == untouched
    nothing = place.run("/retag")  # by the built-in spans nothing is due
    assert (nothing["files_to_write"], [p.read_bytes() for p in paths]) == (0, untouched)
    place.assert_counts_are_true(paths)

    first = place.run("/calibration/run")
    assert (first["version"], first["file_count"]) == (1, len(paths))
    dry = place.run("/retag", dry_run=True)
    assert dry["files_to_write"] == len(paths)
    assert [path.read_bytes() for path in paths] == untouched
    assert place.run("/retag") == {**dry, "dry_run": False}
    for path in paths:
        track, own = place.read_track(path), place.read_own(path)
        assert own["nom_calibration"] == [first["global_version"]]
        assert {key: own.get(key) for key in MOODS} == {k: track["tags"].get(k) for k in MOODS}
        assert track["facts"]["write_error"] is None
    place.assert_counts_are_true(paths)

    # Nobody waits any more: what is found now is written at once.
    (late,) = place.add_songs("late.flac")
    place.scan()
    assert place.read_own(late)["nom_calibration"] == [first["global_version"]]
    second = place.run("/calibration/run")
    assert (second["version"], second["file_count"]) == (2, len(paths) + 1)
    paths.append(late)
    before = {path: path.read_bytes() for path in paths}
    told = place.run("/retag")
    assert sum(path.read_bytes() != before[path] for path in paths) == told["files_to_write"]
    place.assert_counts_are_true(paths)


def test_figures_leave_missing_files_out(place: Place) -> None:
    paths = place.add_songs("a.flac", "b.flac", "c.flac")
    place.scan()
    place.assert_counts_are_true(paths)
    paths.pop().unlink()
    place.scan()
    place.assert_counts_are_true(paths)
