"""Every script for Lidarr in the documents of the two families, letter by letter.

The scripts call `autotag:8356` and `nomarr:8356` with invented keys: curl is told where those are,
and the server gets those keys.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediant.access.keys import add_key
from mediant.access.scopes import Scope
from mediant.app import open_app
from mediant.testing.media import MediaFactory
from mediant.testing.models import write_backbone, write_head
from mediant.testing.server import RunningServer, running_server

SCRIPTS = sorted((Path(__file__).parents[2] / "data" / "lidarr" / "documented").glob("*.sh"))
KEY = re.compile(r'^API_KEY="(.*)"', re.MULTILINE)
HOSTS = ("autotag", "nomarr")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Path]]:
    """A server with the keys of the scripts, and its library's folder."""
    folder = tmp_path_factory.mktemp("documented")
    (folder / "music").mkdir()
    write_backbone(folder / "models", "msd-musicnn")
    write_head(folder / "models", "mood_happy", ["happy", "non_happy"], bias=[4.0, -4.0])
    with open_app({"config_dir": folder / "config"}, works=False) as app:
        app.library.add_library("Music", folder / "music", write_mode="full")
        with app.database.write() as tx:
            for key in {found for one in SCRIPTS for found in KEY.findall(one.read_text())}:
                add_key(tx, key, "a script", [Scope.WRITE])
    environ = {"MEDIANT_MODELS_DIR": str(folder / "models")}
    with running_server(folder / "config", environ) as server:
        yield server, folder / "music"


def test_all_documented_scripts_are_here() -> None:
    assert len(SCRIPTS) == 4


@pytest.mark.parametrize("documented", SCRIPTS, ids=lambda path: path.stem)
def test_a_documented_script_tags_the_file(
    served: tuple[RunningServer, Path], documented: Path, tmp_path: Path
) -> None:
    server, music = served
    song = MediaFactory(music).song(f"{tmp_path.name}.mp3", seconds=10)
    address = server.url.removeprefix("http://")
    lines = [f'connect-to = "{host}:8356:{address}"' for host in HOSTS]
    (tmp_path / ".curlrc").write_text("\n".join([*lines, 'noproxy = "*"', ""]))
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", str(documented)],
        env={**environ, "lidarr_eventtype": "TrackRetag", "lidarr_trackfile_path": str(song)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done
    with server.client() as client:
        params = {"path": str(song)}
        track = client.get("/api/v2/tagging/track", params=params).raise_for_status().json()
    assert track["state"] == "tagged", (done, track)
    assert [write["state"] for write in track["writes"]] == ["applied"]
