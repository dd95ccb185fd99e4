"""Bazarr's side of the wire: what it sends, and that nothing it gets back throttles it."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.contract.provider.studio import (
    SPEECH,
    Studio,
    digest,
    english,
    spanish,
    to_pcm,
    unique,
)
from tests.contract.waiting import wait_until

from mediant.subtitles.formats import read_cues
from mediant.testing.bazarr import Bazarr, Call, accepts_subtitle, judge_language
from mediant.testing.media import MediaFactory
from mediant.testing.speech import word_error_rate
from mediant.testing.videos import Sound, VideoFactory

pytestmark = [
    pytest.mark.models,
    pytest.mark.corpus,
    pytest.mark.skipif(not SPEECH.is_dir(), reason="no speech: run `make corpora`"),
]

FORMAT = "/asr?task=transcribe&language=en&output={}&encode=false"


@pytest.fixture
def paused(studio: Studio) -> Iterator[Studio]:
    """The studio while no work is taken up."""
    studio.pause("speech")
    studio.pause("detect")
    yield studio
    studio.resume("speech")
    studio.resume("detect")


def _text(body: bytes) -> str:
    return " ".join(line for cue in read_cues(body) for line in cue.lines)


# What is answered


def test_the_test_button_shows_a_version_to_everybody(studio: Studio) -> None:
    answer = studio.bazarr("a-wrong-key").test()
    assert answer.status == 200
    told = json.loads(answer.body)
    assert set(told) == {"version"}
    assert told["version"].startswith("Mediant ")


def test_raw_sound_becomes_a_subtitle(studio: Studio) -> None:
    clip = english()
    answer = studio.bazarr().hear(to_pcm(clip), "en")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["asr-engine"] == "faster_whisper"
    assert answer.headers["content-disposition"] == 'attachment; filename="audio_file.srt"'
    assert accepts_subtitle(answer)
    assert answer.text.startswith("1\n00:00:0")
    assert not answer.body.startswith(b"\xef\xbb\xbf")
    assert word_error_rate(clip.text, _text(answer.body), "en") <= 0.15


def test_a_repeated_request_is_answered_from_memory(studio: Studio) -> None:
    bazarr, sound = studio.bazarr(), unique(to_pcm(english(1)), 1)
    first = bazarr.hear(sound, "en")
    n_jobs = len(studio.jobs())
    assert bazarr.hear(sound, "en").body == first.body
    assert len(studio.jobs()) == n_jobs
    wait_until(lambda: studio.spooled() == [])


def test_a_connection_serves_again(studio: Studio) -> None:
    endpoint = f"{studio.server.url}/provider/{studio.server.key}"
    with Bazarr(endpoint, keeps=True) as bazarr:
        sound = to_pcm(english())
        answers = [bazarr.hear(sound, "en"), bazarr.hear(sound, "xx"), bazarr.hear(sound, "en")]
    assert [answer.status for answer in answers] == [200, 400, 200]


def test_an_odd_last_byte_is_no_matter(studio: Studio) -> None:
    answer = studio.bazarr().hear(to_pcm(english()) + b"\x01", "en")
    assert (answer.status, accepts_subtitle(answer)) == (200, True)


def test_where_nobody_speaks_the_answer_is_empty_and_kept(studio: Studio) -> None:
    bazarr, silence = studio.bazarr(), bytes(64_000)
    first = bazarr.hear(silence, "en")
    assert (first.status, first.body) == (200, b"")
    n_jobs = len(studio.jobs())
    assert bazarr.hear(silence, "en").body == b""
    assert len(studio.jobs()) == n_jobs


def test_where_nobody_speaks_a_cue_may_stand(studio: Studio) -> None:
    """At once, and for what is remembered, too."""
    bazarr, silence = studio.bazarr(), bytes(96_000)
    assert bazarr.hear(silence, "en").body == b""
    n_jobs = len(studio.jobs())
    studio.put(provider_silent_text="♪")
    try:
        answer = bazarr.hear(silence, "en")
        assert answer.body.decode() == "1\n00:00:00,000 --> 00:00:01,000\n♪\n\n"
        assert accepts_subtitle(answer)
    finally:
        studio.put(provider_silent_text="")
    assert bazarr.hear(silence, "en").body == b""
    assert len(studio.jobs()) == n_jobs


def test_all_outputs_have_their_form(studio: Studio) -> None:
    bazarr, sound = studio.bazarr(), to_pcm(english())
    bodies = {}
    for output in ("txt", "vtt", "srt", "tsv", "json"):
        answer = bazarr.post(FORMAT.format(output), sound)
        assert (answer.status, answer.headers["content-type"][:10]) == (200, "text/plain")
        assert answer.headers["content-disposition"].endswith(f'.{output}"')
        bodies[output] = answer.text
    assert bodies["vtt"].startswith("WEBVTT\n\n00:0")
    assert bodies["tsv"].splitlines()[0] == "start\tend\ttext"
    assert all(len(line.split("\t")) == 3 for line in bodies["tsv"].splitlines())
    assert "-->" not in bodies["txt"]
    assert bodies["txt"].endswith("\n")
    told = json.loads(bodies["json"])
    assert set(told) == {"language", "segments", "text"}
    segment = told["segments"][0]
    assert set(segment) == {
        "id", "seek", "start", "end", "text", "tokens", "avg_logprob", "compression_ratio",
        "no_speech_prob", "words", "temperature",
    }  # fmt: skip
    assert segment["tokens"]
    assert " ".join(bodies["txt"].split()) == " ".join(told["text"].split())


def test_without_an_output_it_is_text(studio: Studio) -> None:
    answer = studio.bazarr().post("/asr?encode=false&language=en", to_pcm(english()))
    assert answer.headers["content-disposition"].endswith('.txt"')
    assert "-->" not in answer.text


@pytest.mark.parametrize("language", ["", "language=", "language=auto"])
def test_the_language_may_be_missing(studio: Studio, language: str) -> None:
    target = f"/asr?output=srt&encode=false&{language}"
    answer = studio.bazarr().post(target, to_pcm(spanish()))
    assert word_error_rate(spanish().text, _text(answer.body), "es") <= 0.4


def test_what_other_clients_add_is_accepted(studio: Studio) -> None:
    more = "initial_prompt=Dashwood&word_timestamps=true&vad_filter=true&diarize=false&x=y"
    answer = studio.bazarr().post(f"{FORMAT.format('srt')}&{more}", to_pcm(english()))
    assert accepts_subtitle(answer)


def test_any_container_is_decoded(studio: Studio) -> None:
    with studio.client() as client:
        files = {"audio_file": ("talk.wav", english().path.read_bytes(), "audio/wav")}
        answer = client.post("/asr", params={"output": "srt", "language": "en"}, files=files)
    assert answer.headers["content-disposition"] == 'attachment; filename="talk.wav.srt"'
    assert word_error_rate(english().text, _text(answer.content), "en") <= 0.15


def test_spanish_becomes_english(studio: Studio) -> None:
    answer = studio.bazarr().hear(to_pcm(spanish()), "es", task="translate")
    words = set(_text(answer.body).lower().split())
    assert {"the", "of"} & words
    assert not {"el", "los", "que"} & words


# Which language


def test_a_language_is_told_by_both_names(studio: Studio) -> None:
    answer = studio.bazarr().hear_language(to_pcm(spanish()))
    told = json.loads(answer.body)
    assert (told["detected_language"], told["language_code"]) == ("spanish", "es")
    assert 0.5 <= told["confidence"] <= 1.0
    assert judge_language(answer) == "uses it"
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


def test_where_no_language_can_be_told_the_answer_is_an_empty_object(studio: Studio) -> None:
    answer = studio.bazarr().hear_language(bytes(64_000))
    assert (answer.status, json.loads(answer.body)) == (200, {})
    assert judge_language(answer) == "no language"


def test_a_failed_detection_throttles_nobody(studio: Studio) -> None:
    answer = studio.bazarr().post("/detect-language?encode=true", b"this is no audio at all" * 99)
    assert answer.status >= 500
    assert judge_language(answer) == "no language"
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_detection_waits_for_no_film(studio: Studio) -> None:
    studio.pause("speech")
    try:
        sound = unique(to_pcm(spanish()), 7)
        assert judge_language(studio.bazarr().hear_language(sound)) == "uses it"
    finally:
        studio.resume("speech")


# Errors


BAD_REQUESTS = [
    ("/asr?output=srt&encode=true", b"this is no audio at all" * 99),
    ("/asr?output=srt&encode=false", b""),
    ("/asr?output=docx", b"xx"),
    ("/asr?task=sing", b"xx"),
    ("/asr?language=klingonisch", b"xx"),
]


@pytest.mark.parametrize(("target", "sound"), BAD_REQUESTS)
def test_errors_are_short_text_that_is_no_subtitle(
    studio: Studio, target: str, sound: bytes
) -> None:
    answer = studio.bazarr().post(target, sound)
    assert answer.status == 400, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert 0 < len(answer.text) <= 300
    assert str(studio.server.config_dir) not in answer.text
    assert "-->" not in answer.text
    assert not accepts_subtitle(answer)


@pytest.mark.parametrize("path", ["/asr", "/detect-language"])
def test_a_form_without_sound_is_400_text(studio: Studio, path: str) -> None:
    with studio.client() as client:
        answers = [
            client.post(path, data={"x": "1"}),
            client.post(path, files={"other": b"x"}),
            client.post(path, json={}),
            client.post(path),
        ]
        for answer in answers:
            assert answer.status_code == 400, answer.text
            assert answer.headers["content-type"].startswith("text/plain")


def test_too_large_is_413_text(studio: Studio) -> None:
    with _connect(studio) as connection:
        connection.sendall(_head(studio, 2 << 30))
        answer = Call(connection).read()
    assert (answer.status, answer.headers["content-type"][:10]) == (413, "text/plain")


def test_another_method_is_405_text(studio: Studio) -> None:
    with studio.client() as client:
        answer = client.get("/asr")
    assert (answer.status_code, answer.headers["content-type"][:10]) == (405, "text/plain")


# Who may


def test_without_a_key_nobody_is_heard(studio: Studio) -> None:
    sound = bytes(4_000_000)
    wait_until(lambda: studio.spooled() == [])
    for bazarr in (studio.bazarr(""), studio.bazarr("wrong")):
        for answer in (bazarr.hear(sound, "en"), bazarr.hear_language(sound)):
            assert answer.status == 401
            assert answer.headers["content-type"].startswith("text/plain")
            assert not accepts_subtitle(answer)
            assert judge_language(answer) == "no language"
    assert studio.spooled() == []


def test_the_key_may_be_a_password(studio: Studio) -> None:
    url = studio.server.url.replace("http://", f"http://bazarr:{studio.server.key}@")
    assert Bazarr(url).hear(to_pcm(english()), "en").status == 200
    assert Bazarr(url.replace(studio.server.key, "wrong")).hear(b"xx", "en").status == 401


def test_the_providers_own_key_opens_its_routes_only(studio: Studio) -> None:
    key = "a-key-of-bazarr-alone-0123456789"
    studio.put(bazarr_api_key=key)
    assert studio.bazarr(key).hear(to_pcm(english()), "en").status == 200
    with studio.server.client(key) as client:
        assert client.get("/api/v2/jobs").status_code == 401


def test_listed_networks_need_no_key(studio: Studio) -> None:
    bazarr, sound = studio.bazarr(""), to_pcm(english())
    try:
        studio.put(bazarr_networks="127.0.0.0/8")
        assert bazarr.hear(sound, "en").status == 401
        studio.put(bazarr_provider_enabled="true")
        assert bazarr.hear(sound, "en").status == 200
        with studio.stranger() as page:
            files = {"audio_file": b"xx"}
            foreign = page.post("/asr", files=files, headers={"Origin": "http://elsewhere.example"})
            assert foreign.status_code in (401, 403)
        studio.put(bazarr_networks="10.9.8.0/24")
        assert bazarr.hear(sound, "en").status == 401
    finally:
        studio.put(bazarr_provider_enabled="false", bazarr_networks="")


def test_a_key_that_may_only_read_is_refused(studio: Studio) -> None:
    with studio.client() as client:
        body = {"name": "reader", "scopes": ["read"]}
        key = client.post("/api/v2/keys", json=body).raise_for_status().json()["key"]
    answer = studio.bazarr(key).hear(to_pcm(english()), "en")
    assert (answer.status, answer.headers["content-type"][:10]) == (403, "text/plain")


def test_the_key_in_the_path_reaches_no_log(studio: Studio) -> None:
    secret = "only-in-the-path-9876543210"
    n_lines = studio.server.log().count("/provider/***")
    studio.put(bazarr_api_key=secret)
    studio.bazarr(secret).hear(to_pcm(english()), "en")
    with studio.stranger() as client:
        client.get(f"/provider/{secret}")
        client.get(f"/provider/{secret}/status")
        client.get(f"/provider/{secret}/nothing/here")
    wait_until(lambda: studio.server.log().count("/provider/***") >= n_lines + 4)
    assert secret not in studio.server.log()
    with studio.client() as client:
        assert secret not in client.get("/api/v2/system/info").raise_for_status().text


# Who waits


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
    with _connect(studio) as connection:
        connection.sendall(_head(studio, 100_000_000) + bytes(9_000_000))
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


# The film behind the sound


def test_sound_that_begins_late_is_put_in_its_place(studio: Studio, tmp_path: Path) -> None:
    clip = english()
    films = VideoFactory(tmp_path / "films")
    sound = Sound("eng", clip.path, start_s=4.0)
    film = films.video("Late.mkv", [sound])
    studio.put(library_paths=str(tmp_path / "films"))
    try:
        pcm = unique(to_pcm(clip), 9)
        early = read_cues(studio.bazarr().hear(pcm, "en").body)
        late = read_cues(studio.bazarr().hear(pcm, "en", video_file=str(film)).body)
        assert [cue.lines for cue in late] == [cue.lines for cue in early]
        shift = late[0].start_ms - early[0].start_ms
        assert abs(shift - 4000) <= 100
        outside = MediaFactory(tmp_path / "outside").tone("film.mp3")
        same = studio.bazarr().hear(pcm, "en", video_file=str(outside))
        assert read_cues(same.body)[0].start_ms == early[0].start_ms
    finally:
        studio.put(library_paths="")


def _connect(studio: Studio) -> socket.socket:
    address = urlsplit(studio.server.url)
    return socket.create_connection((address.hostname or "", address.port or 0))


def _head(studio: Studio, size: int) -> bytes:
    """The beginning of a request that announces so many bytes."""
    head = (
        f"POST /provider/{studio.server.key}/asr?encode=false&output=srt HTTP/1.1\r\n"
        f"Host: x\r\nContent-Length: {size}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="audio_file"; filename="a"\r\n\r\n'
    )
    return head.encode()


def test_both_slash_forms_are_one_resource(studio: Studio) -> None:
    with studio.client() as client:
        files = {"audio_file": to_pcm(english())}
        query = {"output": "srt", "encode": "false", "language": "en"}
        one = client.post("/asr", params=query, files=files)
        other = client.post("/asr/", params=query, files=files)
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert client.get("/status/").status_code == 200
