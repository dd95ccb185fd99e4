"""Errors of Mediant. The tree is the documentation.

MediantError            something went wrong
├── NotFound            the thing named does not exist
├── Invalid             the input makes no sense
├── Refused             understood, not allowed now
│   ├── Forbidden       outside what this caller or this server may touch
│   ├── AlreadyOwned    another server owns the database
│   └── NewerSchema     the database was written by a newer Mediant
├── Unauthorized        no credential, or a wrong one
├── TooManyTries        too many failed logins
├── Busy                the database stayed locked, try again
├── Unavailable         nobody is there now who could do it
├── MediaError          one media file cannot be used; its code says why
├── ModelError          a model is missing, damaged or does not fit
├── WriteError          a media file could not be changed; it is as it was
└── Cancelled           a job was asked to stop

Errors that only one module raises stand there, below MediantError: `UnknownKind`
(jobs/claim.py), `SandboxDied` and `SandboxRaised` (jobs/sandbox.py), `RemoteDown` (cli/door.py),
`AlreadyQueued` (subtitles/transcribe/wish.py), `SubtitleExists` (subtitles/transcribe/file.py),
`DatabaseGone` (store/place.py).
Each kind has a code of its own. `HearingFailed` (subtitles/provider/waiting.py) carries that of the
job that failed. `poison` and `internal` are codes of failed jobs and no errors (jobs/recovery.py,
jobs/worker.py).

An error knows no HTTP. Each edge translates `code` into its own language.
"""


class MediantError(Exception):
    """Something went wrong in Mediant."""

    code = "error"

    def __init__(
        self, text: str | None = None, *, asset: str | None = None, remedy: str | None = None
    ) -> None:
        """Keep the sentence, the asset it is about (a path, a model, a job) and what to do."""
        self.text = text or (type(self).__doc__ or "").splitlines()[0]
        self.asset = asset
        self.remedy = remedy
        super().__init__(self.text)

    def __str__(self) -> str:
        """One line for people: the asset, the cause, the remedy."""
        is_named = self.asset is None or self.text.startswith(self.asset)
        parts = [self.text if is_named else f"{self.asset}: {self.text}"]
        if self.remedy:
            parts.append(self.remedy)
        return " ".join(parts)


class NotFound(MediantError):
    """There is no such thing."""

    code = "not_found"


class Invalid(MediantError):
    """The input makes no sense."""

    code = "invalid"


class Refused(MediantError):
    """This is not possible now."""

    code = "refused"


class Forbidden(Refused):
    """This is not allowed."""

    code = "forbidden"


class AlreadyOwned(Refused):
    """Another Mediant server owns this database."""

    code = "already_owned"


class NewerSchema(Refused):
    """The database was written by a newer version of Mediant."""

    code = "newer_schema"


class Unauthorized(MediantError):
    """A valid credential is needed."""

    code = "unauthorized"


class TooManyTries(MediantError):
    """Too many failed tries."""

    code = "too_many_tries"

    def __init__(
        self,
        text: str | None = None,
        *,
        retry_after_s: float | None = None,
        asset: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """`retry_after_s`: seconds until a try counts again, when that is known."""
        super().__init__(text, asset=asset, remedy=remedy)
        self.retry_after_s = retry_after_s


class Busy(MediantError):
    """The database is busy."""

    code = "busy"


class Unavailable(MediantError):
    """This server cannot do that now."""

    code = "unavailable"


class MediaError(MediantError):
    """This media file cannot be used.

    `code` is one of `MEDIA_CODES`.
    """

    code = "unreadable"

    def __init__(
        self,
        code: str,
        text: str,
        *,
        asset: str | None = None,
        remedy: str | None = None,
        transient: bool = False,
    ) -> None:
        """`code` is one of `MEDIA_CODES`; `text` says what was found in the file.

        `transient`: a later try may succeed, such as on a network mount that comes back.
        """
        super().__init__(text, asset=asset, remedy=remedy)
        self.code = code
        self.transient = transient


MEDIA_CODES = {
    "missing": "the file is not there",
    "unreadable": "the file cannot be opened or read",
    "empty": "the file has no bytes or no audio in it",
    "no_audio": "the container holds no audio stream",
    "corrupt": "no decoder accepts the data",
    "protected": "the audio is encrypted (DRM)",
    "silent": "there is nothing but silence",
    "too_short": "shorter than the shortest track that is analysed",
    "too_long": "longer than the longest track that is analysed",
    "decode_crash": "the decoder crashed on this file",
    "decode_timeout": "decoding took longer than its limit",
    "decode_memory": "decoding needed more memory than its limit",
}


SKIPPED_CODES = frozenset({"too_short", "too_long", "silent", "no_audio"})
"""Of `MEDIA_CODES`: by its nature there is nothing to listen to in the file. It is skipped, which
is no failure; all other codes are."""


class ModelError(MediantError):
    """A model is missing, damaged or does not fit."""

    code = "model"


class WriteError(MediantError):
    """The file could not be changed; it is as it was."""

    code = "write_failed"


class Cancelled(MediantError):
    """The job was cancelled."""

    code = "cancelled"
