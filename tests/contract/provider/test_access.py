"""Who may ask the provider: keys in the path, passwords and listed networks."""

from tests.contract.provider.studio import (
    Studio,
    english,
    to_pcm,
)
from tests.contract.speech import NEEDS_SPEECH

from mediant.testing.bazarr import Bazarr, accepts_subtitle, judge_language
from mediant.testing.waiting import wait_until

pytestmark = NEEDS_SPEECH


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
