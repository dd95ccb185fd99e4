"""`POST /api/v2/tagging/retag`: what it takes, what it answers, who may ask."""

import httpx2
from tests.contract.house import House

from mediant.testing.wishes import wait_for

ADDRESS = "/api/v2/tagging/retag"
COUNTS = {
    "tracks",
    "moods_changed",
    "tags_changed",
    "files_to_write",
    "outdated_models",
    "outdated_files",
}


def test_a_retagging_is_a_job_with_counts(client: httpx2.Client, house: House) -> None:
    for body in ({"dry_run": True}, {"library_id": house.library_id}, {"rewrite_all": True}, {}):
        answer = client.post(ADDRESS, json=body)
        assert answer.status_code == 202
        told = answer.json()
        assert told.keys() == {"job_id", "created", "raised", "follows", "tracks"}
        assert answer.headers["location"] == f"/api/v2/jobs/{told['job_id']}"
        job = wait_for(client, told)
        assert (job["kind"], job["state"]) == ("retag", "done")
        assert job["result"].keys() == COUNTS | {"calibration", "dry_run"}
        assert job["result"]["dry_run"] is body.get("dry_run", False)
        assert "database" not in job["payload"]


def test_what_is_not_there_or_not_known_is_refused(client: httpx2.Client) -> None:
    unknown = client.post(ADDRESS, json={"library_id": 987_654})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert client.post(ADDRESS, json={"everything": True}).status_code == 400


def test_only_who_may_write_may_retag(
    house: House, client: httpx2.Client, stranger: httpx2.Client
) -> None:
    assert stranger.post(ADDRESS, json={}).status_code == 401
    body = {"name": "counts", "scopes": ["read", "jobs"]}
    made = client.post("/api/v2/keys", json=body).raise_for_status().json()
    with house.client(made["key"]) as other:
        assert other.post(ADDRESS, json={}).status_code == 403
        answer = other.post(ADDRESS, json={"dry_run": True})
        assert answer.status_code == 202
        wait_for(client, answer.json())
