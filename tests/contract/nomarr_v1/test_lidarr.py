"""Scripts of the kind that Lidarr runs after an import, by real shells and a real curl."""

import os
import shutil
import subprocess

import pytest
from tests.contract.house import House

pytestmark = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl"
)

POST_AND_PRINT = r"""
curl -X POST \
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -d "{\"path\":\"$lidarr_trackfile_path\",\"force\":true}" \
  $SERVER/api/v1/tag
"""

POST_AND_FIND_THE_JOB = r"""
answer=$(curl -s -X POST \
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
  -d "{\"path\":\"$lidarr_trackfile_path\",\"force\":true}" \
  "$SERVER/tag")
job=$(echo "$answer" | grep -o '"job_id":[0-9]*' | grep -o '[0-9]*')
[ -n "$job" ] && echo "job $job"
"""

POLL = (
    POST_AND_FIND_THE_JOB
    + r"""
for i in {1..1000}; do
  state=$(curl -s -H "Authorization: Bearer $KEY" "$SERVER/status/$job" \
    | grep -o '"status":"[^"]*"' | cut -d'"' -f4)
  if [ "$state" = "done" ] || [ "$state" = "error" ]; then echo "state $state"; break; fi
  sleep 0.1
done
"""
)


def _run(script: str, house: House, path: str) -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "KEY": house.server.key,
        "SERVER": house.server.url,
        "lidarr_trackfile_path": path,
    }
    done = subprocess.run(
        ["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_posts_and_prints(house: House) -> None:
    path = str(house.music / "Artist/Album/01 one.mp3")
    assert f'"path":"{path}"' in _run(POST_AND_PRINT, house, path)


def test_a_script_finds_the_job_in_the_answer(house: House) -> None:
    out = _run(POST_AND_FIND_THE_JOB, house, str(house.music / "Artist/Single/03 'three'.flac"))
    assert out.startswith("job ")


@pytest.mark.models
def test_a_script_polls_until_the_job_is_done(impatient_house: House) -> None:
    path = str(impatient_house.music / "Artist/Album/02 two.ogg")
    assert "state done" in _run(POLL, impatient_house, path)


@pytest.mark.models
def test_the_file_is_tagged_when_the_script_ends(house: House) -> None:
    path = str(house.music / "Artist/Album/02 two.ogg")
    _run(POST_AND_PRINT, house, path)
    with house.client() as client:
        report = client.get("/api/v2/tagging/track", params={"path": path}).json()
    assert report["state"] == "tagged"
    assert report["tags"]
