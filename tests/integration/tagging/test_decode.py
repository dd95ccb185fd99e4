"""Decoding: exact where it can be, one result for every container, and a name for every fault."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import pytest
import soundfile
import soxr
from tests.unit.tagging import golden

from mediant.errors import MEDIA_CODES, Cancelled, MediaError
from mediant.jobs.sandbox import Sandbox
from mediant.tagging.decode import DecodeLimits, Recording, decode
from mediant.testing import signals
from mediant.testing.media import BY_FFMPEG, BY_SOUNDFILE, MediaFactory

MEMORY = 320 << 20
LIMITS = DecodeLimits(min_duration_s=2.0, max_duration_s=3600.0)
LOSSLESS = {".wav", ".flac", ".aiff", ".aif", ".mka"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(memory_bytes=MEMORY, timeout_s=60) as box:
        yield box


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    return MediaFactory(tmp_path / "music")


def refuse(path: Path, sandbox: Sandbox, limits: DecodeLimits = LIMITS) -> MediaError:
    with pytest.raises(MediaError) as caught:
        decode(path, sandbox, limits)
    error = caught.value
    assert error.code in MEDIA_CODES
    assert error.asset == str(path)
    assert error.text
    return error


def alike(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    n = min(len(a), len(b))
    return float(np.corrcoef(a[:n], b[:n])[0, 1])


class TestExactness:
    """The golden signal from files, sample by sample."""

    @pytest.mark.parametrize(
        ("name", "bits", "largest"),
        [
            ("float.wav", 0, 0.0),
            ("deep.flac", 24, 2**-23),
            ("deep.wav", 24, 2**-23),
            ("deep.aiff", 24, 2**-23),
            ("wide.wav", 32, 2**-24),
            ("plain.wav", 16, 2**-15),
            ("plain.flac", 16, 2**-15),
            ("rough.wav", 8, 2**-7),
        ],
    )
    def test_golden_signal(
        self, media: MediaFactory, sandbox: Sandbox, name: str, bits: int, largest: float
    ) -> None:
        path = media.write(name, golden.samples(), 16_000, bits=bits)
        recording = decode(path, sandbox, LIMITS)
        error = np.abs(recording.samples - golden.samples()).max()
        print(f"{name} of {bits} bits: max abs {error:.2e}")
        assert recording.samples.dtype == np.float32
        assert error <= largest

    @pytest.mark.parametrize("suffix", [".wav", ".flac"])
    @pytest.mark.parametrize("channels", [2, 6])
    def test_copies_of_one_channel_equal_mono(
        self, media: MediaFactory, sandbox: Sandbox, suffix: str, channels: int
    ) -> None:
        """The trap of 3 dB: FFmpeg's own downmix to float would be 1.414 times as loud."""
        mono = signals.song(6, rate=44_100)
        one = media.write(f"mono{suffix}", mono)
        many = media.write(f"many{suffix}", np.repeat(mono[:, None], channels, axis=1))
        error = np.abs(
            decode(one, sandbox, LIMITS).samples - decode(many, sandbox, LIMITS).samples
        ).max()
        print(f"{channels} channels of {suffix} against mono: max abs {error:.2e}")
        assert error < 1e-6

    def test_the_mean_of_different_channels(self, media: MediaFactory, sandbox: Sandbox) -> None:
        left, right = signals.tone(5, 300, 16_000), signals.tone(5, 1000, 16_000)
        path = media.write("two.wav", np.stack([left, right], axis=1), 16_000, bits=0)
        error = np.abs(decode(path, sandbox, LIMITS).samples - (left + right) / 2).max()
        assert error < 1e-6

    @pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
    def test_streaming_equals_one_shot(
        self, media: MediaFactory, sandbox: Sandbox, rate: int
    ) -> None:
        samples = signals.song(20, rate=rate)
        path = media.write("long.wav", samples, rate, bits=0)
        recording = decode(path, sandbox, LIMITS)
        whole = soxr.resample(samples, rate, 16_000, "HQ")
        n = min(len(whole), len(recording.samples))
        error = np.abs(recording.samples[:n] - whole[:n]).max()
        print(f"{rate} Hz: streamed against one shot: max abs {error:.2e}")
        assert abs(len(whole) - len(recording.samples)) <= 1
        assert error < 1e-6
        assert recording.sample_rate == rate


class TestContainers:
    @pytest.mark.parametrize("suffix", sorted({**BY_SOUNDFILE, **BY_FFMPEG}))
    def test_every_container_gives_the_same_music(
        self, media: MediaFactory, sandbox: Sandbox, suffix: str
    ) -> None:
        path = media.song(f"song{suffix}", 10)
        recording = decode(path, sandbox, LIMITS)
        expected = soxr.resample(signals.song(10), 44_100, 16_000, "HQ")
        assert recording.duration_s == pytest.approx(10, abs=0.1)
        assert recording.duration_s == len(recording.samples) / 16_000
        assert recording.channels == 2
        assert recording.decoder == "ffmpeg"
        assert recording.container
        assert recording.codec
        assert recording.bit_rate
        if suffix in LOSSLESS:
            assert alike(recording.samples, expected) > 0.9999
        ours = np.sqrt(np.mean(recording.samples**2))
        assert ours == pytest.approx(np.sqrt(np.mean(expected**2)), rel=0.05)

    @pytest.mark.parametrize("suffix", [".flac", ".mp3", ".ogg", ".opus", ".m4a", ".wav", ".wma"])
    def test_tags_are_read(self, media: MediaFactory, sandbox: Sandbox, suffix: str) -> None:
        path = media.song(f"a{suffix}", 3, title="Über", artist="Ⅳ", album="Al", genre="Folk")
        tags = decode(path, sandbox, LIMITS).tags
        assert tags == {"title": "Über", "artist": "Ⅳ", "album": "Al", "genre": "Folk"}

    def test_content_decides_not_the_name(self, media: MediaFactory, sandbox: Sandbox) -> None:
        for really in (".flac", ".ogg", ".wav", ".m4a"):
            recording = decode(media.mislabelled("song.mp3", really), sandbox, LIMITS)
            assert recording.duration_s == pytest.approx(10, abs=0.1)
            assert recording.codec != "mp3float"

    def test_odd_names_are_only_names(self, media: MediaFactory, sandbox: Sandbox) -> None:
        for name in ("concat:a|b.wav", "http:%41.wav", "ünï 'cödé'\n#1?.wav", "-i.wav"):
            path = media.tone(name, 3)
            assert decode(path, sandbox, LIMITS).duration_s == 3

    def test_a_playlist_reaches_no_network(self, media: MediaFactory, sandbox: Sandbox) -> None:
        path = media.empty("radio.mp3")
        path.write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/stream.ts\n")
        assert refuse(path, sandbox).code in {"corrupt", "no_audio"}

    def test_samples_cannot_be_changed(self, media: MediaFactory, sandbox: Sandbox) -> None:
        recording = decode(media.tone("a.wav", 3), sandbox, LIMITS)
        with pytest.raises(ValueError, match="read-only"):
            recording.samples[0] = 1


def test_what_ffmpeg_refuses_goes_to_libsndfile(media: MediaFactory, sandbox: Sandbox) -> None:
    """MAT5 is a format that only libsndfile knows."""
    path = media.folder / "matrix.wav"
    left, right = signals.tone(5, 300, 16_000), signals.tone(5, 1000, 16_000)
    stereo = np.stack([left, right], axis=1)
    soundfile.write(path, stereo, 16_000, format="MAT5", subtype="FLOAT")
    recording = decode(path, sandbox, LIMITS)
    assert recording.decoder == "libsndfile"
    assert "FFmpeg refused the file" in " ".join(recording.warnings)
    assert np.abs(recording.samples - (left + right) / 2).max() < 1e-6


class TestChanges:
    """Rate, channels or codec change inside one file."""

    def test_chained_ogg_of_one_rate(self, media: MediaFactory, sandbox: Sandbox) -> None:
        recording = decode(media.chained("radio.ogg", [44_100] * 3), sandbox, LIMITS)
        assert recording.duration_s == pytest.approx(15, abs=0.1)
        assert pitches(recording) == [440, 660, 880]

    @pytest.mark.parametrize("rates", [[44_100, 22_050, 48_000], [8000, 16_000]])
    def test_chained_ogg_of_several_rates(
        self, media: MediaFactory, sandbox: Sandbox, rates: list[int]
    ) -> None:
        """FFmpeg refuses this valid file: it ends at the second link."""
        recording = decode(media.chained("radio.ogg", rates), sandbox, LIMITS)
        assert recording.duration_s == pytest.approx(5 * len(rates), abs=0.1)
        assert pitches(recording) == [440, 660, 880][: len(rates)]
        assert recording.sample_rate == rates[0]

    def test_mp3_whose_rate_changes(self, media: MediaFactory, sandbox: Sandbox) -> None:
        recording = decode(media.chained("radio.mp3", [44_100, 22_050, 48_000]), sandbox, LIMITS)
        assert recording.duration_s == pytest.approx(15, abs=0.3)
        assert pitches(recording) == [440, 660, 880]

    def test_mp3_whose_channels_change(self, media: MediaFactory, sandbox: Sandbox) -> None:
        one, two = media.tone("one.mp3", 5), media.tone("two.mp3", 5, channels=2)
        path = media.folder / "both.mp3"
        path.write_bytes(one.read_bytes() + two.read_bytes())
        recording = decode(path, sandbox, LIMITS)
        first, second = np.split(recording.samples[: 10 * 16_000], 2)
        assert recording.duration_s == pytest.approx(10, abs=0.2)
        assert np.std(first) == pytest.approx(np.std(second), rel=0.02)


def pitches(recording: Recording, each_s: float = 5.0) -> list[int]:
    """The pitch in Hz, to the nearest 10, of each stretch of a recording."""
    step = int(each_s * 16_000)
    count = round(len(recording.samples) / step)
    parts = [recording.samples[i * step + 4000 : (i + 1) * step - 4000] for i in range(count)]
    peaks = [np.argmax(np.abs(np.fft.rfft(part))) * 16_000 / len(part) for part in parts]
    return [round(peak / 10) * 10 for peak in peaks]


class TestFaults:
    """Each code of MEDIA_CODES from a real file; the sandbox lives on, with the same child."""

    @pytest.fixture(autouse=True)
    def same_child(self, sandbox: Sandbox, media: MediaFactory) -> Iterator[None]:
        good = media.tone("good.flac", 3)
        decode(good, sandbox, LIMITS)
        before = sandbox.pid
        yield
        assert decode(good, sandbox, LIMITS).duration_s == 3
        assert sandbox.pid == before

    def test_missing(self, media: MediaFactory, sandbox: Sandbox) -> None:
        assert refuse(media.folder / "nowhere.mp3", sandbox).code == "missing"

    def test_unreadable(self, media: MediaFactory, sandbox: Sandbox) -> None:
        assert refuse(media.folder, sandbox).code == "unreadable"
        assert refuse(Path("/dev/null"), sandbox).code == "unreadable"

    def test_empty(self, media: MediaFactory, sandbox: Sandbox) -> None:
        assert refuse(media.empty("void.mp3"), sandbox).code == "empty"
        assert refuse(media.without_samples("void.wav"), sandbox).code == "empty"

    def test_no_audio(self, media: MediaFactory, sandbox: Sandbox) -> None:
        error = refuse(media.picture("cover.mp3"), sandbox)
        assert error.code == "no_audio"
        assert "png" in error.text

    @pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".m4a", ".opus", ".wv", ".xyz"])
    def test_corrupt(self, media: MediaFactory, sandbox: Sandbox, suffix: str) -> None:
        assert refuse(media.noise(f"noise{suffix}"), sandbox).code == "corrupt"
        assert refuse(media.text(f"words{suffix}"), sandbox).code in {"corrupt", "no_audio"}
        if suffix != ".xyz":
            assert refuse(media.corrupt(f"bad{suffix}"), sandbox).code == "corrupt"

    def test_what_both_decoders_refuse_says_both_reasons(
        self, media: MediaFactory, sandbox: Sandbox
    ) -> None:
        text = refuse(media.text("words.mp3"), sandbox).text
        assert "FFmpeg" in text
        assert "libsndfile" in text

    def test_protected(self, media: MediaFactory, sandbox: Sandbox) -> None:
        files = [media.protected_m4p(f"{e.decode()}.m4p", e) for e in (b"drms", b"enca", b"aavd")]
        book = media.empty("book.aax")
        book.write_bytes(b"\0\0\0\x20ftypaax " + bytes(5000))
        for path in [*files, media.protected_wma(), book]:
            assert refuse(path, sandbox).code == "protected"

    @pytest.mark.parametrize("suffix", [".wav", ".mp3", ".ogg", ".flac"])
    def test_silent(self, media: MediaFactory, sandbox: Sandbox, suffix: str) -> None:
        assert refuse(media.silence(f"nothing{suffix}"), sandbox).code == "silent"

    def test_near_silence_and_quiet_music(self, media: MediaFactory, sandbox: Sandbox) -> None:
        dither = np.random.default_rng(1).uniform(-1, 1, 441_000) * 2**-15
        hiss = media.write("hiss.wav", dither.astype(np.float32), bits=0)
        assert refuse(hiss, sandbox).code == "silent"
        quiet = media.tone("quiet.flac", level=0.003)
        assert decode(quiet, sandbox, LIMITS).duration_s == 10

    def test_too_short(self, media: MediaFactory, sandbox: Sandbox) -> None:
        short = media.tone("jingle.mp3", 1)
        assert refuse(short, sandbox).code == "too_short"
        allowed = decode(short, sandbox, DecodeLimits(2.0, 3600.0, allow_short=True))
        assert allowed.duration_s == pytest.approx(1, abs=0.1)

    def test_too_long_by_its_header(self, media: MediaFactory, sandbox: Sandbox) -> None:
        path = media.tone("long.flac", 30)
        error = refuse(path, sandbox, DecodeLimits(2.0, 20.0))
        assert error.code == "too_long"
        assert "30 s" in error.text

    def test_too_long_while_decoding(self, media: MediaFactory, sandbox: Sandbox) -> None:
        path = media.chained("radio.ogg", [44_100] * 3, seconds=10)
        assert refuse(path, sandbox, DecodeLimits(2.0, 20.0)).code == "too_long"
        assert refuse(media.tone("a.mp3", 30), sandbox, DecodeLimits(2.0, 20.0)).code == "too_long"

    def test_a_header_that_claims_hours_is_not_believed(
        self, media: MediaFactory, sandbox: Sandbox
    ) -> None:
        path = media.lying_wav("hours.wav", claimed_s=10 * 3600)
        assert decode(path, sandbox, LIMITS).duration_s == 10

    def test_every_code_of_a_file_is_shown_here(self) -> None:
        shown = {name.removeprefix("test_") for name in dir(type(self))}
        assert {code for code in MEDIA_CODES if not code.startswith("decode_")} - shown == {
            "too_long"  # test_too_long_by_its_header, test_too_long_while_decoding
        }


class TestDamage:
    """What decodes is used when enough of it remains, with a warning."""

    @pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac", ".m4a", ".wav", ".opus"])
    def test_a_hole_in_the_middle(self, media: MediaFactory, sandbox: Sandbox, suffix: str) -> None:
        recording = decode(media.damaged(f"hole{suffix}", 20), sandbox, LIMITS)
        assert 10 < recording.duration_s < 20.5
        if suffix != ".wav":  # noise is valid PCM
            assert recording.warnings

    @pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".wav"])
    def test_a_broken_download(self, media: MediaFactory, sandbox: Sandbox, suffix: str) -> None:
        recording = decode(media.cut(f"half{suffix}", 20), sandbox, LIMITS)
        assert 8 < recording.duration_s < 12
        if suffix in {".mp3", ".flac"}:  # the others do not say how long they were
            assert "20 s that it announces" in " ".join(recording.warnings)

    def test_too_little_remains(self, media: MediaFactory, sandbox: Sandbox) -> None:
        path = media.cut("stub.flac", 20, keep=0.05)
        error = refuse(path, sandbox)
        assert error.code == "corrupt"
        assert "only" in error.text

    def test_values_that_are_no_numbers(self, media: MediaFactory, sandbox: Sandbox) -> None:
        samples = signals.song(10)
        samples[1000:1100] = np.nan
        samples[5000] = np.inf
        samples[9000] = 1e30
        recording = decode(media.write("nan.wav", samples, bits=0), sandbox, LIMITS)
        assert np.isfinite(recording.samples).all()
        assert np.abs(recording.samples).max() < 1.5
        assert "not numbers" in " ".join(recording.warnings)


def test_cancelling_stops_the_decoder(media: MediaFactory, sandbox: Sandbox) -> None:
    seen = []

    def stop() -> None:
        seen.append(1)
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode(media.tone("a.wav", 60), sandbox, LIMITS, stop_if_cancelled=stop)
    assert len(seen) == 3
    assert decode(media.tone("b.wav", 3), sandbox, LIMITS).duration_s == 3


@pytest.mark.slow
def test_a_long_mix_costs_the_child_no_memory(media: MediaFactory) -> None:
    path = media.tone("mix.flac", 2 * 3600, rate=16_000)
    with Sandbox(memory_bytes=160 << 20, timeout_s=120) as box:
        recording = decode(path, box, DecodeLimits(2.0, 4 * 3600.0))
        resident = psutil.Process(box.pid).memory_info().rss
    print(f"2 h decoded under 160 MiB; the child holds {resident / 2**20:.0f} MiB")
    assert recording.duration_s == 7200
    assert resident < 100 << 20
