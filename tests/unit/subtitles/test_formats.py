"""Subtitle files: what we write others read, and what others write we read."""

import json

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.subtitles.spoken import told_words

from mediant.errors import Invalid
from mediant.subtitles import Cue, Word, make_cues
from mediant.subtitles.formats import (
    WRITABLE,
    decode_text,
    read_cues,
    without_markup,
    write_cues,
)

CUES = [
    Cue(0, 1500, ("Hello & <b>you</b>", "second line")),
    Cue(3_723_004, 3_725_999, ("Ça va ?",), (Word(" Ça", 3723.004, 3724, None, 0.5),)),
]
SAMPLE = "1\n00:00:01,000 --> 00:00:02,500\nHéllo\n\n2\n00:00:03,000 --> 00:00:04,000\nWorld\n\n"
READ = [Cue(1000, 2500, ("Héllo",)), Cue(3000, 4000, ("World",))]


def test_each_format_has_its_documented_form() -> None:
    assert write_cues(CUES, "srt") == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello & <b>you</b>\nsecond line\n\n"
        "2\n01:02:03,004 --> 01:02:05,999\nÇa va ?\n\n"
    )
    assert write_cues(CUES, "vtt") == (
        "WEBVTT\n\n00:00.000 --> 00:01.500\nHello &amp; &lt;b&gt;you&lt;/b&gt;\nsecond line\n\n"
        "01:02:03.004 --> 01:02:05.999\nÇa va ?\n\n"
    )
    assert write_cues(CUES, "txt") == "Hello & <b>you</b> second line\nÇa va ?\n"
    assert write_cues(CUES, "tsv") == (
        "start\tend\ttext\n0\t1500\tHello & <b>you</b> second line\n3723004\t3725999\tÇa va ?\n"
    )
    assert write_cues(CUES, "lrc") == (
        "[00:00.00]Hello & <b>you</b> second line\n[62:03.00]Ça va ?\n"
    )


def test_json_has_the_keys_of_recognition() -> None:
    whole = json.loads(write_cues(CUES, "json", "fr"))
    assert whole["language"] == "fr"
    assert whole["text"] == "Hello & <b>you</b> second line Ça va ?"
    assert set(whole["segments"][1]) == {
        *("id", "seek", "start", "end", "text", "tokens", "avg_logprob", "compression_ratio"),
        *("no_speech_prob", "words", "temperature"),
    }
    assert whole["segments"][1]["avg_logprob"] == pytest.approx(-0.693, abs=0.001)
    assert whole["segments"][1]["words"][0]["word"] == " Ça"


def test_nothing_in_a_text_reads_as_a_time_or_ends_a_cue() -> None:
    cue = Cue(0, 1000, ("a\n\nb --> c", "", "\x00\tx\ty"))
    assert write_cues([cue], "srt") == "1\n00:00:00,000 --> 00:00:01,000\na\nb -> c\nx\ty\n\n"
    assert write_cues([cue], "tsv") == "start\tend\ttext\n0\t1000\ta b -> c x y\n"
    assert write_cues([Cue(0, 1000, ("\n",))], "srt") == ""


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(Invalid, match="'doc' is no format"):
        write_cues(CUES, "doc")
    assert set(WRITABLE) == {"srt", "vtt", "tsv", "txt", "lrc", "json"}


@given(told_words())
@settings(max_examples=60, deadline=None)
def test_public_readers_read_the_same_cues(words: list[Word]) -> None:
    # Their reader takes any line with two times for the head of a cue, and tags for tags; a last
    # line that is a number for that of the next cue.
    untagged = [word for word in words if not set(word.text) & set("<>{}&\\:")]
    plain = [word for word in untagged if not word.text.strip().isdecimal()]
    cues = make_cues(plain, "en")
    theirs = pysubs2.SSAFile.from_string(write_cues(cues, "srt"), format_="srt")
    assert [(one.start, one.end, one.plaintext) for one in theirs] == [
        (cue.start_ms, cue.end_ms, cue.text) for cue in cues
    ]
    captions = webvtt.from_string(write_cues(cues, "vtt"))
    assert [tuple(one.lines) for one in captions.captions] == [cue.lines for cue in cues]


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        SAMPLE.replace("\n", "\r\n"),
        SAMPLE.replace("\n", "\r"),
        "\ufeff" + SAMPLE,
        SAMPLE.rstrip(),
        SAMPLE.replace("1\n0", "7\n0").replace("2\n0", "7\n0"),
        SAMPLE.replace("1\n0", "0").replace("2\n0", "0"),
        SAMPLE.replace("\n\n2", "\n2"),
        SAMPLE.replace("Héllo\n", "\nHéllo\n  \n"),
        SAMPLE.replace(",", "."),
        SAMPLE.replace("2,500", "2,5"),
        SAMPLE.replace("00:00:0", "0:0"),
        SAMPLE.replace("4,000", "4,000  X1:040 X2:600 Y1:010 Y2:060"),
        "garbage before\n\n" + SAMPLE,
        SAMPLE + "3\n00:00:05,000 --> 00:00:06,000\n\n",
    ],
)
def test_sloppy_files_are_read(text: str) -> None:
    assert read_cues(text) == READ


@given(st.text(max_size=300) | st.just(SAMPLE).map(lambda text: text[7:]))
@settings(deadline=None)
def test_any_text_can_be_read_and_written_without_change(text: str) -> None:
    once = write_cues(read_cues(text), "srt")
    assert write_cues(read_cues(once), "srt") == once


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data: bytes) -> None:
    assert isinstance(decode_text(data), str)
    assert isinstance(read_cues(data), list)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
def test_the_encoding_is_found(encoding: str) -> None:
    assert read_cues(SAMPLE.encode(encoding)) == READ


@pytest.mark.parametrize(
    ("encoding", "language", "text"),
    [
        ("cp1251", "ru", "Привет, мир"),
        ("cp1256", "ar", "مرحبا"),
        ("cp932", "jpn", "昨日の夜"),
        ("gb18030", "chi", "昨天晚上"),
        ("cp1250", "pol", "żółw"),
    ],
)
def test_code_pages_follow_the_language(encoding: str, language: str, text: str) -> None:
    assert decode_text(SAMPLE.replace("Héllo", text).encode(encoding), language) == (
        SAMPLE.replace("Héllo", text)
    )


def test_web_files_lose_notes_styles_names_and_tags() -> None:
    text = (
        "WEBVTT - title\n\nNOTE a note\nof two lines\n\nSTYLE\n::cue { color: red }\n\nintro\n"
        "00:01.000 --> 00:02.500 align:start position:0%\n<v Ann><i>Héllo</i></v>\n\n"
        "00:00:03.000 --> 00:00:04.000\n<c.yellow>Wor</c><00:00:03.500>ld\n"
    )
    assert read_cues(text) == READ
    theirs = [(one.text, one.start) for one in webvtt.from_string(text).captions]
    assert theirs == [("Héllo", "00:00:01.000"), ("World", "00:00:03.000")]


def test_tags_of_others_can_be_taken_out() -> None:
    text = '{\\an8}<i>Hi</i> <font color="red">you</font> 1 < 2 <unknown>'
    assert without_markup(text) == "Hi you 1 < 2 <unknown>"
