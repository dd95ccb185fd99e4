"""Forms that are read as they come: whatever the pieces, the sound is the same, and on the disk."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from mediant.api.families.upload import BLOCK_BYTES, ClientDisconnect, receive_form
from mediant.errors import Invalid
from mediant.subtitles.provider.spool import Spool

BOUNDARY = "0123456789abcdef"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def spool() -> Iterator[Spool]:
    with tempfile.TemporaryDirectory() as folder:
        yield Spool(Path(folder) / "spool", set)


def _part(name: str, body: bytes, filename: str | None = None) -> bytes:
    told = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'
    return head.encode() + body + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def _request(pieces: Sequence[bytes], content_type: str = TYPE, *, breaks: bool = False) -> Request:
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    last: Message = {"type": "http.request", "body": b"", "more_body": False}
    messages.append({"type": "http.disconnect"} if breaks else last)

    async def receive() -> Message:
        return messages.pop(0)

    headers = [(b"content-type", content_type.encode())]
    scope = {"type": "http", "method": "POST", "path": "/asr", "headers": headers}
    return Request({**scope, "query_string": b""}, receive)


def _read(request: Request, spool: Spool) -> tuple[dict[str, list[str]], str, bytes]:
    async def run() -> tuple[dict[str, list[str]], str, bytes]:
        async with await receive_form(request, spool, ("audio_file",)) as form:
            return form.fields, form.filename, form.audio.path.read_bytes()

    return asyncio.run(run())


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@settings(max_examples=60, deadline=None)
@given(
    sound=st.lists(
        st.one_of(st.binary(max_size=60), st.just(f"\r\n--{BOUNDARY[:-1]}".encode())), max_size=6
    ).map(b"".join),
    size=st.integers(1, 40),
    field=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_however_it_is_cut(sound: bytes, size: int, field: str) -> None:
    body = _part("model", field.encode()) + _part("audio_file", sound, "a b.wav") + END
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool", set)
        fields, filename, got = _read(_request(_cut(body, size)), spool)
        assert (got, filename, fields) == (sound, "a b.wav", {"model": [field]})
        assert list(spool.folder.iterdir()) == []


def test_much_sound_goes_to_the_disk_piece_by_piece(spool: Spool) -> None:
    sound = bytes(range(256)) * 20_000
    assert len(sound) > 3 * BLOCK_BYTES
    body = _part("audio_file", sound, "audio_file") + END
    assert _read(_request(_cut(body, 65_536)), spool)[2] == sound


def _spoilt() -> list[tuple[bytes, str]]:
    good = _part("audio_file", b"sound", "x")
    return [
        (good, TYPE),
        (good[:-4], TYPE),
        (b"", TYPE),
        (b"garbage", TYPE),
        (good + END, "application/json"),
        (good + END, "multipart/form-data"),
        (good + END, f"multipart/form-data; boundary={'x' * 999}"),
        (good + good + END, TYPE),
        (_part("other", b"sound") + END, TYPE),
        (_part("other", b"x" * 300_000) + good + END, TYPE),
    ]


@pytest.mark.parametrize(("body", "content_type"), _spoilt())
def test_what_is_no_such_form_is_refused_and_leaves_nothing(
    spool: Spool, body: bytes, content_type: str
) -> None:
    with pytest.raises(Invalid):
        _read(_request(_cut(body, 1000), content_type), spool)
    assert not spool.folder.is_dir() or list(spool.folder.iterdir()) == []


def test_who_hangs_up_leaves_nothing(spool: Spool) -> None:
    body = _part("audio_file", b"sound" * 1_000_000, "x")
    with pytest.raises(ClientDisconnect):
        _read(_request(_cut(body, 65_536), breaks=True), spool)
    assert list(spool.folder.iterdir()) == []
