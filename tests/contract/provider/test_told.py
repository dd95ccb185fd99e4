"""A subtitle that is written becomes news for Bazarr, from the job to the call."""

import json
from pathlib import Path

from tests.contract.provider.studio import Studio, english
from tests.contract.speech import NEEDS_SPEECH

from mediant.testing.answering import Answer, Asked, answering
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

pytestmark = NEEDS_SPEECH

KEY = "bazarrs-own-key-123"


def test_bazarr_scans_the_film(studio: Studio, tmp_path: Path) -> None:
    film = VideoFactory(tmp_path).video("Film.mkv", [Sound("eng", english().path)])
    scans: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        if asked.method == "PATCH":
            scans.append(asked)
            return Answer(204)
        rows = [{"path": str(film), "radarrId": 7}] if asked.path == "/api/movies" else []
        return Answer(body=json.dumps({"data": rows}).encode())

    with answering(answer) as url, studio.client() as client:
        studio.put(bazarr_url=url, bazarr_own_key=KEY, bazarr_provider_enabled="true")
        try:
            wish = {"file_path": str(film), "target_lang": "eng"}
            client.post("/api/jobs", json=wish).raise_for_status()
            wait_until(lambda: scans)
            wait_until(lambda: [j["state"] for j in studio.jobs("tell_bazarr")] == ["done"])
        finally:
            studio.put(bazarr_own_key="", bazarr_provider_enabled="false")
    assert scans[0].query == {"radarrid": "7", "action": "scan-disk"}
    assert scans[0].headers["x-api-key"] == KEY
    assert KEY not in json.dumps(studio.jobs("tell_bazarr"))
    assert KEY not in studio.server.log()
