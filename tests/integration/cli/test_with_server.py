"""The command line beside a running server, which it finds and speaks to."""

import json
import signal
from contextlib import contextmanager

import httpx2
import pytest
from tests.integration.cli.shell import Shell

from mediant.store import open_database
from mediant.store.schema_access import session
from mediant.testing.server import PASSWORD, STOP_S, running_server
from mediant.testing.waiting import wait_until
from mediant.testing.wishes import wait_until_idle

LEAP_NIGHT = "30 3 29 2 *"
"""Does not come while a test looks."""


def test_server_json_is_private_and_true(served):
    path = served.server.config_dir / "server.json"
    told = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert (told["url"], told["pid"]) == (served.server.url, served.server.process.pid)
    headers = {"Authorization": f"Bearer {told['token']}"}
    assert httpx2.get(f"{told['url']}/api/v2/jobs", headers=headers).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_cleanly(tmp_path, environ, number):
    with running_server(tmp_path / "config", environ) as server:
        server.process.send_signal(number)
        assert server.process.wait(STOP_S) == 0
        assert not (server.config_dir / "server.json").exists()
        assert "Traceback" not in server.log()


def test_a_second_server_is_refused_in_one_line(served):
    done = served.shell("serve", "--port", "0")
    assert (done.code, done.out) == (4, "")
    assert "owns this database" in done.complaint()


def test_a_port_in_use_is_refused_in_one_line(served, tmp_path, environ):
    port = served.server.url.rpartition(":")[2]
    done = Shell(tmp_path, environ)("-q", "serve", "--port", port)
    assert done.code == 4
    last = done.err.splitlines()[-1]
    assert f"127.0.0.1:{port}" in last
    assert "Choose another" in last


def test_a_killed_servers_file_is_no_server(tmp_path, environ):
    with running_server(tmp_path / "config", environ) as server:
        server.process.kill()
        server.process.wait()
        assert (server.config_dir / "server.json").exists()
        Shell(server.config_dir, environ).well("jobs")


def test_a_server_that_does_not_answer_is_exit_code_5(served, tmp_path, environ):
    told = json.loads((served.server.config_dir / "server.json").read_text())
    (tmp_path / "server.json").write_text(json.dumps({**told, "url": "http://127.0.0.1:9"}))
    done = Shell(tmp_path, environ)("jobs")
    assert (done.code, done.out) == (5, "")
    assert "http://127.0.0.1:9" in done.complaint()


def test_tag_and_show_through_the_server(served):
    song = served.media.song("through.mp3", seconds=10)
    before = song.read_bytes()
    (job,) = served.shell.well("tag", song, "--write", "--json").json()
    assert (job["state"], job["result"]["write"]) == ("done", "written")
    assert song.read_bytes() != before
    with served.server.client() as client:
        assert client.get(f"/api/v2/jobs/{job['id']}").json()["state"] == "done"
    assert served.shell.well("show", song, "--json").json()["state"] == "tagged"
    served.shell.well("tag", "undo", song)
    assert song.read_bytes() == before


@pytest.mark.slow
def test_a_write_mode_that_rises_leads_to_writing(served):
    song = served.media.song("rises.mp3", seconds=10)
    served.shell.well("tag", song)
    before = song.read_bytes()
    with served.server.client() as client:
        (library,) = client.get("/api/v2/libraries").json()["items"]
        address = f"/api/v2/libraries/{library['id']}"
        client.patch(address, json={"write_mode": "full"}).raise_for_status()
        wait_until_idle(client)
        written = song.read_bytes()
        assert written != before
        client.patch(address, json={"write_mode": "none"}).raise_for_status()
        assert client.get("/api/v2/tagging/progress").json()["queued"] == 0
    assert song.read_bytes() == written


def test_scan_through_the_server(served):
    assert served.shell.well("scan", "--json").json()[0]["result"]["seen"] >= 1


@contextmanager
def paused(shell, scope):
    """No other test finds the pause, whatever happens."""
    shell.well("jobs", "pause", scope)
    try:
        yield
    finally:
        shell.well("jobs", "resume", scope)


@pytest.mark.slow
def test_jobs(served):
    shell = served.shell
    song = served.media.song("waits.mp3", seconds=10)
    with served.server.client() as client:
        wait_until_idle(client)  # what other tests asked for
        with paused(shell, "kind:tag"):
            body = {"path": str(song)}
            job_id = client.post("/api/v2/tagging/tag", json=body).json()["job_ids"][0]
            listed = shell.well("jobs", "--state", "queued", "--json").json()
            assert [job["id"] for job in listed["items"]] == [job_id]
            assert listed["paused"] == ["kind:tag"]
            assert "kind:tag" in shell.well("jobs").err
            shell.well("jobs", "cancel", job_id)
            assert shell.well("jobs", "show", job_id, "--json").json()["state"] == "cancelled"
            shell.well("jobs", "retry", job_id)
    assert "ended well" in shell.well("jobs", "watch", job_id).err
    assert shell("jobs", "retry", job_id).code == 4
    assert "waits.mp3" in shell.well("jobs", "show", job_id).out
    shell.well("jobs", "remove", job_id)
    assert shell("jobs", "show", job_id).code == 3
    shell.well("jobs", "clean", "--hours", "0", "--state", "done")
    assert shell.well("jobs", "--state", "done", "--json").json()["items"] == []


def test_schedules_come_and_go(served):
    shell = served.shell
    assert shell.well("jobs", "schedules", "--json").json() == []
    added = shell.well(
        *("jobs", "schedules", "add", "nightly", "scan", LEAP_NIGHT),
        *("--tz", "Europe/Berlin", "--payload", '{"full": true}'),
    )
    (made,) = shell.well("jobs", "schedules", "--json").json()
    assert added.err == f"nightly runs next at {made['next_run']} (Europe/Berlin).\n"
    assert made["next_run"].endswith("-02-29T03:30:00+01:00")
    kept = ("name", "kind", "cron", "tz", "payload", "enabled", "last_run")
    payload = {"full": True}
    expected = ("nightly", "scan", LEAP_NIGHT, "Europe/Berlin", payload, True, None)
    assert tuple(made[field] for field in kept) == expected
    listed = shell.well("jobs", "schedules").out
    assert all(text in listed for text in (LEAP_NIGHT, "Europe/Berlin", made["next_run"]))
    assert "off" in shell.well("jobs", "schedules", "disable", "nightly").err
    assert [one["enabled"] for one in shell.well("jobs", "schedules", "--json").json()] == [False]
    assert made["next_run"] in shell.well("jobs", "schedules", "enable", "nightly").err
    assert [one["enabled"] for one in shell.well("jobs", "schedules", "--json").json()] == [True]
    assert "forgotten" in shell.well("jobs", "schedules", "remove", "nightly").err
    assert shell.well("jobs", "schedules", "--json").json() == []


def test_schedules_that_cannot_be_are_refused_in_one_line(served):
    def refuse(*words):
        done = served.shell("jobs", "schedules", *words)
        assert done.out == ""
        assert done.complaint().startswith("mediant: ")
        return done.code

    served.shell.well("jobs", "schedules", "add", "taken", "scan", LEAP_NIGHT)
    try:
        assert refuse("add", "taken", "scan", "0 4 * * *") == 4
        assert refuse("add", "other", "nothing", "0 3 * * *") == 2
        assert refuse("add", "other", "scan", "every day") == 2
        assert refuse("add", "other", "scan", "0 3 * * *", "--tz", "Moon/Sea") == 2
        assert refuse("add", "other", "scan", "0 3 * * *", "--payload", "{") == 2
        for command in ("enable", "disable", "remove"):
            assert refuse(command, "nobody") == 3
        (kept,) = served.shell.well("jobs", "schedules", "--json").json()
        assert (kept["name"], kept["cron"]) == ("taken", LEAP_NIGHT)
    finally:
        served.shell.well("jobs", "schedules", "remove", "taken")


def test_a_revoked_key_opens_nothing(served):
    made = served.shell.well("keys", "new", "lidarr", "--scope", "read", "--json").json()
    printed = served.shell.well("keys", "new", "plain")
    assert printed.out.strip()
    assert printed.out.strip() not in printed.err
    with served.server.client(made["key"]) as client:
        assert client.get("/api/v2/jobs").status_code == 200
        assert client.post("/api/v2/jobs/pause", json={"scope": "all"}).status_code == 403
        served.shell.well("keys", "revoke", made["id"])
        assert client.get("/api/v2/jobs").status_code == 401
    listed = {key["id"]: key for key in served.shell.well("keys", "ls", "--json").json()}
    assert listed[made["id"]]["revoked_at"]
    assert "revoked" in served.shell.well("keys", "ls").out
    assert served.shell("keys", "revoke", 999).code == 3


@pytest.mark.slow
def test_a_new_password_ends_sessions(tmp_path, environ):
    with running_server(tmp_path / "config", environ) as server:
        shell = Shell(server.config_dir, environ)
        with server.client(None) as client:
            first = {"password": PASSWORD}
            token = client.post("/api/v2/sessions", json=first).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert client.get("/api/v2/jobs", headers=headers).status_code == 200
            shell.well("password", "set", "--stdin", stdin="a new password\n")
            client.cookies.clear()
            assert client.get("/api/v2/jobs", headers=headers).status_code == 401
            assert client.post("/api/v2/sessions", json=first).status_code == 401
        assert shell("password", "set", "--stdin", stdin="short\n").code == 2
        wrong = shell("password", "verify", "--stdin", stdin=f"{PASSWORD}\n")
        assert (wrong.code, wrong.out) == (4, "")
        shell.well("password", "verify", "--stdin", stdin="a new password\n")
        # Without a terminal it is read from standard input, asked for or not.
        done = shell.well("password", "set", stdin="another password\n")
        assert done.err == "The password is changed; every session ended.\n"
        shell.well("password", "verify", stdin="another password\n")
        nothing = shell("password", "set")
        assert (nothing.code, nothing.out) == (2, "")
        assert "pipe one line" in nothing.complaint()
        assert server.stop() == 0
        database = open_database(f"sqlite:///{server.config_dir / 'mediant.db'}")
        with database.read() as connection:
            assert connection.execute(session.select()).all() == []
        database.close()


@pytest.mark.slow
def test_media_is_taken_up_with_first_credentials(tmp_path, environ, media):
    media.song("a.ogg", seconds=10)
    shell = Shell(tmp_path / "config", environ)
    command = ["serve", "--port", "0", "--media", str(media.folder), "--progress"]
    process = shell.start(*command)
    try:
        wait_until(lambda: (shell.config_dir / "server.json").exists())
        wait_until(lambda: shell.well("libraries", "--json").json())
        wait_until(lambda: shell("show", media.folder / "a.ogg", "--json").code == 0)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=STOP_S)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "")
    assert "Admin password: " in err
    assert "API key: " in err
    assert "Mediant is ready: http://127.0.0.1:" in err
    key = next(x for x in err.splitlines() if x.startswith("API key: ")).split()[-1]
    again = shell.start(*command)
    try:
        wait_until(lambda: (shell.config_dir / "server.json").exists())
        url = json.loads((shell.config_dir / "server.json").read_text())["url"]
        assert httpx2.get(f"{url}/api/v2/jobs", headers={"X-API-Key": key}).status_code == 200
        again.send_signal(signal.SIGINT)
        _, err = again.communicate(timeout=STOP_S)
    finally:
        again.kill()
    assert again.returncode == 0
    assert "password" not in err.lower()
