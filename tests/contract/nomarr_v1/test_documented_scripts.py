"""Every script for Lidarr in the documents of the two families, letter by letter.

`API_DOCUMENTS` names the folder with `nomarr-v1.md` and `nomarr-web.md`; without it there is
nothing to run. The scripts call `autotag:8356` and `nomarr:8356` with invented keys: curl is told
where those are, and the server gets those keys.
"""

import os
import re
import shutil
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

DOCUMENTS = ("nomarr-v1.md", "nomarr-web.md")
FENCE = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEY = re.compile(r'^API_KEY="(.*)"', re.MULTILINE)
HOSTS = ("autotag", "nomarr")


def _find_scripts() -> list[tuple[str, str]]:
    folder = os.environ.get("API_DOCUMENTS")
    if not folder:
        return []
    blocks = [
        (f"{name}-{number}", text)
        for name in DOCUMENTS
        for number, text in enumerate(FENCE.findall(Path(folder, name).read_text()))
    ]
    return [(name, text) for name, text in blocks if "lidarr_trackfile_path" in text]


SCRIPTS = _find_scripts()

pytestmark = pytest.mark.skipif(
    not (SCRIPTS and shutil.which("curl") and shutil.which("bash")),
    reason="needs bash, curl and API_DOCUMENTS",
)


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
            for key in {found for _, text in SCRIPTS for found in KEY.findall(text)}:
                add_key(tx, key, "a script", [Scope.WRITE])
    environ = {"MEDIANT_MODELS_DIR": str(folder / "models")}
    with running_server(folder / "config", environ) as server:
        yield server, folder / "music"


def test_all_documented_scripts_are_here() -> None:
    assert len(SCRIPTS) == 4


@pytest.mark.parametrize("text", [one[1] for one in SCRIPTS], ids=[one[0] for one in SCRIPTS])
def test_a_documented_script_tags_the_file(
    served: tuple[RunningServer, Path], text: str, tmp_path: Path
) -> None:
    server, music = served
    song = MediaFactory(music).song(f"{tmp_path.name}.mp3", seconds=10)
    address = server.url.removeprefix("http://")
    lines = [f'connect-to = "{host}:8356:{address}"' for host in HOSTS]
    (tmp_path / ".curlrc").write_text("\n".join([*lines, 'noproxy = "*"', ""]))
    script = tmp_path / "hook.sh"
    script.write_text(text)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", str(script)],
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
