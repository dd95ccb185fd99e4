"""Who waits for a subtitle, waits too long, asks again, or hangs up."""

from concurrent.futures import ThreadPoolExecutor

from tests.contract.provider.studio import (
    FORMAT,
    Studio,
    digest,
    english,
    to_pcm,
    unique,
)
from tests.contract.speech import NEEDS_SPEECH

from mediant.testing.bazarr import accepts_subtitle
from mediant.testing.waiting import wait_until

pytestmark = NEEDS_SPEECH


def test_identical_requests_wait_for_one_job(paused: Studio) -> None:
    sound = unique(to_pcm(english(2)), 3)
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(paused.bazarr().hear, sound, "en") for _ in range(3)]
        wait_until(lambda: len(paused.live()) == 1)
        paused.resume("speech")
        answers = [call.result(120) for call in calls]
    assert len({answer.body for answer in answers}) == 1
    assert all(accepts_subtitle(answer) for answer in answers)
    (job,) = paused.jobs_of(sound)
    assert (job["state"], job["lane"], job["priority"]) == ("done", "speech", 2_000_000)
    wait_until(lambda: paused.spooled() == [])


def test_work_goes_on_while_somebody_waits(paused: Studio) -> None:
    sound, target = unique(to_pcm(english(2)), 4), FORMAT.format("srt")
    with ThreadPoolExecutor() as pool, paused.bazarr().sending(target, sound) as first:
        wait_until(lambda: len(paused.live()) == 1)
        second = pool.submit(paused.bazarr().hear, sound, "en")
        n_left = paused.server.log().count("status=499")
        first.hang_up()
        wait_until(lambda: paused.server.log().count("status=499") > n_left)
        paused.resume("speech")
        assert accepts_subtitle(second.result(120))


def test_work_ends_when_the_last_one_hangs_up(paused: Studio) -> None:
    sound = unique(to_pcm(english(2)), 11)
    with paused.bazarr().sending(FORMAT.format("srt"), sound) as call:
        wait_until(lambda: len(paused.live()) == 1)
        wait_until(lambda: paused.spooled() == [digest(sound)])
        call.hang_up()
        wait_until(lambda: not paused.live())
    assert [job["state"] for job in paused.jobs_of(sound)] == ["cancelled"]
    wait_until(lambda: paused.spooled() == [])


def test_a_running_job_ends_when_nobody_waits(studio: Studio) -> None:
    sound = to_pcm(english()) * 200
    with studio.bazarr().sending(FORMAT.format("srt"), sound) as call:
        wait_until(lambda: [job["state"] for job in studio.live()] == ["running"])
        call.hang_up()
        wait_until(lambda: not studio.live())
    assert [job["state"] for job in studio.jobs_of(sound)] == ["cancelled"]


def test_who_asks_again_after_hanging_up_is_answered(paused: Studio) -> None:
    sound = unique(to_pcm(english(2)), 5)
    with paused.bazarr().sending(FORMAT.format("srt"), sound) as call:
        wait_until(lambda: len(paused.live()) == 1)
        call.hang_up()
    with ThreadPoolExecutor() as pool:
        again = pool.submit(paused.bazarr().hear, sound, "en")
        wait_until(lambda: len(paused.live()) == 1)
        paused.resume("speech")
        assert accepts_subtitle(again.result(120))


def test_an_aborted_upload_leaves_nothing(studio: Studio) -> None:
    with studio.connect() as connection:
        connection.sendall(studio.head_of_upload(100_000_000) + bytes(9_000_000))
        wait_until(lambda: any(name.endswith(".part") for name in studio.spooled()))
    wait_until(lambda: not any(name.endswith(".part") for name in studio.spooled()))


def test_who_waits_too_long_gets_the_answer_next_time(paused: Studio) -> None:
    sound = unique(to_pcm(english(2)), 6)
    paused.put(provider_timeout_seconds="1")
    try:
        answer = paused.bazarr().hear(sound, "en")
        assert (answer.status, accepts_subtitle(answer)) == (504, False)
        assert answer.headers["content-type"].startswith("text/plain")
        assert len(paused.live()) == 1
        paused.resume("speech")
        wait_until(lambda: not paused.live())
        n_jobs = len(paused.jobs_of(sound))
        assert accepts_subtitle(paused.bazarr().hear(sound, "en"))
        assert len(paused.jobs_of(sound)) == n_jobs
    finally:
        paused.put(provider_timeout_seconds="600")


def test_a_job_cancelled_by_hand_is_told(paused: Studio) -> None:
    sound = unique(to_pcm(english(2)), 8)
    with ThreadPoolExecutor() as pool:
        call = pool.submit(paused.bazarr().hear, sound, "en")
        wait_until(lambda: len(paused.live()) == 1)
        with paused.client() as client:
            client.post(f"/api/v2/jobs/{paused.live()[0]['id']}/cancel").raise_for_status()
        answer = call.result(120)
    assert (answer.status, accepts_subtitle(answer)) == (503, False)
