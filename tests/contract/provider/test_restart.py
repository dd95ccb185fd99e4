"""A server that is killed loses neither what it was asked nor room on the disk."""

from pathlib import Path

from tests.contract.house import server_environ
from tests.contract.provider.studio import Studio, english, to_pcm
from tests.contract.speech import NEEDS_SPEECH

from mediant.testing.bazarr import accepts_subtitle
from mediant.testing.server import running_server
from mediant.testing.waiting import wait_until

pytestmark = NEEDS_SPEECH

TARGET = "/asr?task=transcribe&language=en&output=srt&encode=false"


def test_a_killed_server_goes_on_with_what_it_was_asked(tmp_path: Path) -> None:
    folder, sound = tmp_path / "config", to_pcm(english())
    with running_server(folder, server_environ()) as server:
        studio = Studio(server)
        studio.pause()
        with studio.bazarr().sending(TARGET, sound):
            wait_until(lambda: len(studio.live()) == 1)
            server.process.kill()
            server.process.wait()
    (folder / "spool" / "half-sent.part").write_bytes(b"x")
    (folder / "spool" / ("f" * 64)).write_bytes(b"x")
    with running_server(folder, server_environ()) as server:
        studio = Studio(server)
        wait_until(lambda: len(studio.spooled()) == 1)
        studio.resume()
        wait_until(lambda: [job["state"] for job in studio.jobs()] == ["done"])
        assert accepts_subtitle(studio.bazarr().hear(sound, "en"))
        assert len(studio.jobs()) == 1
        wait_until(lambda: studio.spooled() == [])


def test_a_server_that_stops_keeps_the_work_for_the_next_one(tmp_path: Path) -> None:
    folder, sound = tmp_path / "config", to_pcm(english())
    with running_server(folder, server_environ()) as server:
        studio = Studio(server)
        studio.pause()
        with studio.bazarr().sending(TARGET, sound) as call:
            wait_until(lambda: len(studio.live()) == 1)
            server.process.terminate()
            answer = call.read()
            server.process.wait()
        assert (answer.status, accepts_subtitle(answer)) == (503, False)
    with running_server(folder, server_environ()) as server:
        studio = Studio(server)
        assert [job["state"] for job in studio.jobs()] == ["queued"]
        studio.resume()
        wait_until(lambda: not studio.live())
        assert accepts_subtitle(studio.bazarr().hear(sound, "en"))
