"""Bazarr's side of the wire: what it sends, and that nothing it gets back throttles it."""

import json
from pathlib import Path

import pytest
from tests.contract.provider.studio import (
    FORMAT,
    Studio,
    english,
    read_text,
    spanish,
    to_pcm,
    unique,
)
from tests.contract.speech import NEEDS_SPEECH

from mediant.subtitles.formats import read_cues
from mediant.testing.bazarr import Bazarr, Call, accepts_subtitle, judge_language
from mediant.testing.media import MediaFactory
from mediant.testing.speech import word_error_rate
from mediant.testing.videos import Sound, VideoFactory
from mediant.testing.waiting import wait_until

pytestmark = NEEDS_SPEECH


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
    assert word_error_rate(clip.text, read_text(answer.body), "en") <= 0.15


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
    assert word_error_rate(spanish().text, read_text(answer.body), "es") <= 0.4


def test_what_other_clients_add_is_accepted(studio: Studio) -> None:
    more = "initial_prompt=Dashwood&word_timestamps=true&vad_filter=true&diarize=false&x=y"
    answer = studio.bazarr().post(f"{FORMAT.format('srt')}&{more}", to_pcm(english()))
    assert accepts_subtitle(answer)


def test_any_container_is_decoded(studio: Studio) -> None:
    with studio.client() as client:
        files = {"audio_file": ("talk.wav", english().path.read_bytes(), "audio/wav")}
        answer = client.post("/asr", params={"output": "srt", "language": "en"}, files=files)
    assert answer.headers["content-disposition"] == 'attachment; filename="talk.wav.srt"'
    assert word_error_rate(english().text, read_text(answer.content), "en") <= 0.15


def test_spanish_becomes_english(studio: Studio) -> None:
    answer = studio.bazarr().hear(to_pcm(spanish()), "es", task="translate")
    words = set(read_text(answer.body).lower().split())
    assert {"the", "of"} & words
    assert not {"el", "los", "que"} & words


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
    with studio.connect() as connection:
        connection.sendall(studio.head_of_upload(2 << 30))
        answer = Call(connection).read()
    assert (answer.status, answer.headers["content-type"][:10]) == (413, "text/plain")


def test_another_method_is_405_text(studio: Studio) -> None:
    with studio.client() as client:
        answer = client.get("/asr")
    assert (answer.status_code, answer.headers["content-type"][:10]) == (405, "text/plain")


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


def test_both_slash_forms_are_one_resource(studio: Studio) -> None:
    with studio.client() as client:
        files = {"audio_file": to_pcm(english())}
        query = {"output": "srt", "encode": "false", "language": "en"}
        one = client.post("/asr", params=query, files=files)
        other = client.post("/asr/", params=query, files=files)
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert client.get("/status/").status_code == 200
