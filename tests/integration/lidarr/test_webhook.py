"""Lidarr's webhook: what it tells becomes jobs and scans, and nothing else."""

from pathlib import Path

import mutagen
import pytest
from tests.integration.lidarr.conftest import HOOK, Place

from mediant.testing.wishes import wait_for, wait_until_idle


def songs(place: Place, *names: str) -> list[str]:
    return [str(place.media.song(f"Artist/{name}", seconds=10)) for name in names]


def test_imported_files_are_tagged_before_anything_else(place: Place) -> None:
    paths = songs(place, 'Album/01 "one".mp3', "Album/02 ünïcødé.flac")
    answer = place.lidarr().import_album(paths)
    assert answer.status_code == 202
    body = place.end(answer)
    assert (body["event"], body["status"], body["scans"]) == ("Download", "accepted", [])
    jobs = [wait_for(place.client, one["job_id"]) for one in body["jobs"]]
    assert [job["payload"]["path"] for job in jobs] == paths
    assert {job["priority"] for job in jobs} == {10}
    for path in paths:
        track = place.track(Path(path))
        assert (track["state"], track["writes"][0]["state"]) == ("tagged", "applied")


def test_an_import_that_is_told_twice_is_done_once(place: Place) -> None:
    (path,) = songs(place, "Album/01.mp3")
    place.end(place.lidarr().import_album([path]))
    body = place.end(place.lidarr().import_album([path, path]))
    (job,) = body["jobs"]
    assert wait_for(place.client, job["job_id"])["result"]["skipped"]
    assert len(place.track(Path(path))["writes"]) == 1


def test_after_an_upgrade_the_old_file_is_missing_and_the_new_one_tagged(place: Place) -> None:
    (old,) = songs(place, "Album/01.mp3")
    place.end(place.lidarr().import_album([old]))
    old_id = place.states()["Artist/Album/01.mp3"][0]
    Path(old).unlink()
    (new,) = songs(place, "Album/01.flac")
    body = place.end(place.lidarr().import_album([new], replaced=[old]))
    assert (len(body["jobs"]), len(body["scans"])) == (1, 1)
    states = place.states()
    assert states["Artist/Album/01.mp3"] == (old_id, "missing")
    assert states["Artist/Album/01.flac"][1] == "present"
    assert place.track(Path(new))["state"] == "tagged"


def test_an_upgrade_in_place_is_tagged_anew(place: Place) -> None:
    (path,) = songs(place, "Album/01.mp3")
    place.end(place.lidarr().import_album([path]))
    before = place.track(Path(path))
    place.media.song("Artist/Album/01.mp3", seconds=11)
    body = place.end(place.lidarr().import_album([path], replaced=[path]))
    assert body["scans"] == []
    after = place.track(Path(path))
    assert after["file_id"] == before["file_id"]
    assert after["facts"]["duration_s"] > before["facts"]["duration_s"]
    assert not after["is_outdated"]


def test_tags_that_a_retag_swept_away_come_back(place: Place) -> None:
    (path,) = songs(place, "Album/01.mp3")
    place.end(place.lidarr().import_album([path]))
    file = mutagen.File(path)
    file.delete()
    file = mutagen.File(path, easy=True)
    file["title"] = "Another title"
    file.save()
    own = {"path": path}
    assert place.client.get("/api/v2/tagging/own-tags", params=own).json()["tags"] == {}
    place.end(place.lidarr().retag(path))
    assert place.client.get("/api/v2/tagging/own-tags", params=own).json()["tags"]
    assert mutagen.File(path, easy=True)["title"] == ["Another title"]


def test_a_renamed_album_keeps_its_rows_and_tags(place: Place) -> None:
    old = songs(place, "Album/01.mp3", "Album/02.mp3")
    # Two songs that differ, so that each is known again.
    place.media.song("Artist/Album/02.mp3", seconds=12)
    place.end(place.lidarr().import_album(old))
    ids = {name[-6:]: row for name, (row, _) in place.states().items()}
    tags = place.track(Path(old[0]))["tags"]
    Path(old[0]).parent.rename(place.music / "Artist/Album (2020)")
    moves = {path: path.replace("/Album/", "/Album (2020)/") for path in old}
    body = place.end(place.lidarr().rename(moves))
    assert (body["jobs"], len(body["scans"])) == ([], 1)
    found = place.states()
    assert found == {f"Artist/Album (2020)/{name}": (row, "present") for name, row in ids.items()}
    assert place.track(Path(moves[old[0]]))["tags"] == tags


def test_an_older_lidarr_names_only_the_artist_that_was_renamed(place: Place) -> None:
    (old,) = songs(place, "Album/01.mp3")
    place.end(place.lidarr().import_album([old]))
    row = place.states()["Artist/Album/01.mp3"][0]
    Path(old).rename(Path(old).with_name("01 - One.mp3"))
    place.end(place.lidarr().send("Rename"))
    assert place.states() == {"Artist/Album/01 - One.mp3": (row, "present")}


@pytest.mark.parametrize("what", ["album", "artist"])
def test_deleted_files_are_marked_and_never_forgotten(place: Place, what: str) -> None:
    (path,) = songs(place, "Album/01.mp3")
    place.media.song("Other/01.mp3", seconds=10)
    place.end(place.lidarr().import_album([path]))
    row = place.states()["Artist/Album/01.mp3"][0]
    lidarr = place.lidarr()
    delete = lidarr.delete_album if what == "album" else lidarr.delete_artist
    kept = delete(with_files=False)
    assert (kept.status_code, kept.json()["status"]) == (200, "ignored")
    Path(path).unlink()
    Path(path).parent.rmdir()
    if what == "artist":
        (place.music / "Artist").rmdir()
    place.end(delete(with_files=True))
    assert place.states()["Artist/Album/01.mp3"] == (row, "missing")


def test_one_deleted_track_is_looked_for(place: Place) -> None:
    paths = songs(place, "Album/01.mp3", "Album/02.mp3")
    place.end(place.lidarr().import_album(paths))
    Path(paths[0]).unlink()
    lidarr = place.lidarr()
    place.end(lidarr.send("TrackFileDelete", trackFile=lidarr.track_file(paths[0])))
    states = {name: state for name, (_, state) in place.states().items()}
    assert states == {"Artist/Album/01.mp3": "missing", "Artist/Album/02.mp3": "present"}


def test_folders_of_another_container_are_mapped(place: Place) -> None:
    (path,) = songs(place, "Album/01.mp3")
    body = {"theirs": "D:\\Music", "ours": str(place.music)}
    made = place.client.post("/api/v2/libraries/path-maps", json=body).raise_for_status().json()
    try:
        theirs = "D:\\Music\\Artist\\Album\\01.mp3"
        body = place.end(place.lidarr().import_album([theirs]))
        assert place.track(Path(path))["state"] == "tagged"
        Path(path).unlink()
        lidarr = place.lidarr()
        place.end(lidarr.send("TrackFileDelete", trackFile=lidarr.track_file(theirs)))
        assert place.states()["Artist/Album/01.mp3"][1] == "missing"
    finally:
        place.client.delete(f"/api/v2/libraries/path-maps/{made['id']}")


def test_what_cannot_be_done_is_told_beside_what_can(place: Place, tmp_path: Path) -> None:
    (path,) = songs(place, "Album/01.mp3")
    absent, foreign = str(place.music / "absent.mp3"), str(tmp_path / "elsewhere.mp3")
    body = place.end(place.lidarr().import_album([absent, path, foreign, "relative.mp3"]))
    assert len(body["jobs"]) == 1
    assert [(one["path"], one["code"]) for one in body["problems"]] == [
        (absent, "missing"),
        (foreign, "forbidden"),
        ("relative.mp3", "invalid"),
    ]


def test_where_nothing_can_be_done_lidarr_hears_of_a_failure(place: Place, tmp_path: Path) -> None:
    lidarr = place.lidarr()
    assert lidarr.import_album([str(place.music / "absent.mp3")]).status_code == 404
    assert lidarr.import_album([str(tmp_path / "elsewhere.mp3")]).status_code == 403
    assert lidarr.rename({"/nowhere/a.mp3": "/nowhere/b.mp3"}).status_code == 403
    assert lidarr.import_album(["bad\0name"]).status_code == 400
    place.client.patch(f"/api/v2/libraries/{place.library_id}", json={"is_enabled": False})
    assert lidarr.send("Rename").status_code == 409


def test_tests_and_what_does_not_concern_files_are_answered(place: Place) -> None:
    before = wait_until_idle(place.client)  # what other tests asked for
    lidarr = place.lidarr()
    for answer, status in [
        (lidarr.test(), "ok"),
        (lidarr.grab(), "ignored"),
        (lidarr.send("Health", level="warning", message="", type="x"), "ignored"),
        (lidarr.send("ImportFailure", trackFiles=[]), "ignored"),
        (lidarr.send("Invented", trackFiles=None, deletedFiles=None), "ignored"),
        (lidarr.import_album([]), "ignored"),
    ]:
        assert answer.status_code == 200
        assert answer.json()["status"] == status
    assert wait_until_idle(place.client) == before


def test_every_form_of_the_key_opens(place: Place) -> None:
    key = place.server.key
    for given in (
        {"password": key},
        {"headers": {"X-API-Key": key}},
        {"headers": {"Authorization": f"Bearer {key}"}, "method": "PUT"},
    ):
        assert place.lidarr(**given).test().json()["status"] == "ok"
    url = f"{place.server.url}{HOOK}?apikey={key}"
    assert place.client.post(url, json={"eventType": "Test"}).status_code == 200


def test_without_a_key_that_may_start_jobs_nothing_happens(place: Place) -> None:
    made = place.client.post("/api/v2/keys", json={"name": "reader", "scopes": ["read"]}).json()
    assert place.lidarr(password="a wrong password").test().status_code == 401
    assert place.lidarr(headers={"X-Nothing": "1"}).test().status_code == 401
    assert place.lidarr(password=made["key"]).test().status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"eventType": ""},
        {"eventType": 7},
        {"eventType": "Download", "trackFiles": "x"},
        {"eventType": "Download", "trackFiles": [{"path": ["x"]}]},
    ],
)
def test_what_lidarr_never_sends_is_refused(place: Place, body: object) -> None:
    answer = place.client.post(HOOK, json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_names_that_are_no_text_are_refused(place: Place) -> None:
    raw = b'{"eventType":"Download","trackFiles":[{"path":"/music/\\ud800.mp3"}]}'
    headers = {"content-type": "application/json"}
    assert place.client.post(HOOK, content=raw, headers=headers).status_code == 400
    raw = raw.replace(b"Download", b"TrackFileDelete")
    assert place.client.post(HOOK, content=raw, headers=headers).status_code in (400, 403)
