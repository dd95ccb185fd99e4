"""Addresses that carry a secret: shown with stars everywhere, kept and used as they are."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from mediant.settings import Settings
from mediant.settings.secret import list_addresses
from mediant.testing.server import RunningServer, running_server

NAME = "media_servers.completion_url"
PATH = "/api/v2/system/settings"
SECRETS = ("s3cret-name", "s3cret-word", "s3cret-value", "s3cret-end")
ADDRESS = "https://s3cret-name:s3cret-word@there:1/done?token=s3cret-value&x=#s3cret-end"
SHOWN = "https://********@there:1/done?token=********&x=#********"


def kept(server: RunningServer) -> dict[str, str]:
    with closing(sqlite3.connect(server.config_dir / "mediant.db")) as connection:
        rows = connection.execute("SELECT key, value FROM setting").fetchall()
    return {key: json.loads(value) for key, value in rows}


def test_they_are_shown_with_stars_and_kept(tmp_path: Path) -> None:
    environ = {"MEDIANT_MEDIA_SERVERS__EMBY_URL": ADDRESS}
    with running_server(tmp_path / "config", environ) as server, server.client() as client:
        asked = f"http://ears/v1?key={SECRETS[2]}"
        client.patch(PATH, json={NAME: ADDRESS}).raise_for_status()
        client.put("/api/settings/openai_url", json={"value": asked}).raise_for_status()
        # Who writes back what is shown changes nothing, at either door.
        client.patch(PATH, json={NAME: SHOWN}).raise_for_status()
        shown = client.get("/api/settings/openai_url").raise_for_status().json()["value"]
        client.put("/api/settings/openai_url", json={"value": shown}).raise_for_status()
        assert shown == "http://ears/v1?key=********"
        assert kept(server) == {NAME: ADDRESS, "subtitles.openai_url": asked}
        # Stars in another address stand for nothing.
        refused = client.patch(PATH, json={NAME: SHOWN.replace("there", "elsewhere")})
        assert (refused.status_code, refused.json()["asset"]) == (400, f"setting {NAME}")
        assert kept(server)[NAME] == ADDRESS

        entries = client.get(f"{PATH}/entries")
        found = {one["name"]: one["value"] for one in entries.json()["items"]}
        assert found[NAME] == found["media_servers.emby_url"] == SHOWN
        wrong = client.put("/api/settings/openai_url", json={"value": ADDRESS})
        assert wrong.status_code == 400
        pages = (PATH, "/api/settings", "/api/v2/system/info")
        told = [entries.text, refused.text, wrong.text, *(client.get(page).text for page in pages)]
        written = [path.read_text() for path in server.config_dir.rglob("*.log")]
    assert written
    assert not [secret for secret in SECRETS for text in told + written if secret in text]


def test_every_address_of_another_service_is_known() -> None:
    named = {
        f"{section}.{name}"
        for section in ("subtitles", "media_servers")
        for name in type(getattr(Settings(), section)).model_fields
        if name.endswith("_url")
    }
    assert named == list_addresses(Settings)
