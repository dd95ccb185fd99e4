"""Sound that comes as `multipart/form-data`, straight to the disk: never whole in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from mediant.errors import Invalid
from mediant.subtitles.provider.spool import Audio, Spool, Upload

BLOCK_BYTES = 1 << 20
"""Goes to the disk in one go."""
FIELDS_BYTES = 256 << 10
"""All other fields together."""

_UNFINISHED = "The body ends before its last boundary."


@dataclass(slots=True)
class Form:
    """What was sent. Leave the block and the sound is released."""

    spool: Spool
    fields: dict[str, list[str]] = field(default_factory=dict)
    filename: str = ""
    sound: Audio | None = None

    def get(self, name: str) -> str:
        """The last value of a field, or nothing."""
        return self.fields.get(name, [""])[-1].strip()

    @property
    def audio(self) -> Audio:
        """The sound. Invalid when none was sent."""
        if self.sound is None:
            raise Invalid("No audio was sent.")
        return self.sound

    async def __aenter__(self) -> Self:
        """Hold the sound until the end of the block."""
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self.sound is not None:
            await to_thread.run_sync(self.spool.release, self.sound.name)


async def receive_form(request: Request, spool: Spool, names: Collection[str]) -> Form:
    """Read the body; the part that has one of these names is the sound.

    Raises Invalid for what is no such form, SpoolFull, and ClientDisconnect; nothing of the sound
    stays behind then.
    """
    reader = _Reader(_read_boundary(request), names)
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isascii() and announced.isdigit() else 0
    with await to_thread.run_sync(spool.open, size) as upload:
        try:
            async for data in request.stream():
                reader.feed(data)
                if len(reader.sound) >= BLOCK_BYTES:
                    await _store(reader, upload)
        except FormParserError as bad:
            raise Invalid(f"The form cannot be read: {bad}.") from bad
        if not reader.is_complete:
            raise Invalid(_UNFINISHED)
        await _store(reader, upload)
        sound = await to_thread.run_sync(upload.finish) if reader.has_sound else None
    return Form(spool, reader.fields, reader.filename, sound)


async def _store(reader: "_Reader", upload: Upload) -> None:
    data, reader.sound = reader.sound, bytearray()
    if data:
        await to_thread.run_sync(upload.write, data)


def _read_boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid("The audio must come as multipart/form-data.")
    return boundary


class _Reader:
    """Sorts the parts of a form as they come."""

    def __init__(self, boundary: bytes, names: Collection[str]) -> None:
        self.sound = bytearray()
        """What is still to be stored."""
        self.has_sound = False
        self.is_complete = False
        self.fields: dict[str, list[str]] = {}
        self.filename = ""
        self._names = names
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._value = bytearray()
        self._left = FIELDS_BYTES
        self._is_sound = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_begin": self._begin_header,
                    "on_header_field": self._take_header_name,
                    "on_header_value": self._take_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open,
                    "on_part_data": self._take,
                    "on_part_end": self._close,
                    "on_end": self._end,
                },
            )
        except FormParserError as bad:
            raise Invalid(f"The form cannot be read: {bad}.") from bad

    def feed(self, data: bytes) -> None:
        """Take in some of the body. Raises FormParserError and Invalid."""
        self._parser.write(data)

    def _begin(self) -> None:
        self._headers = {}

    def _begin_header(self) -> None:
        self._header = (b"", b"")

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        name, value = self._header
        self._header = (name + data[start:end], value)

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        name, value = self._header
        self._header = (name, value + data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._value = bytearray()
        self._is_sound = self._name in self._names
        if not self._is_sound:
            return
        if self.has_sound:
            raise Invalid("One piece of audio at a time.")
        self.has_sound = True
        self.filename = options.get(b"filename", b"").decode(errors="replace")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_sound:
            self.sound += memoryview(data)[start:end]
            return
        self._left -= end - start
        if self._left < 0:
            raise Invalid(f"The fields beside the audio are larger than {FIELDS_BYTES >> 10} KiB.")
        self._value += data[start:end]

    def _close(self) -> None:
        if not self._is_sound:
            text = self._value.decode(errors="replace")
            self.fields.setdefault(self._name, []).append(text)

    def _end(self) -> None:
        self.is_complete = True


__all__ = ["ClientDisconnect", "Form", "receive_form"]
