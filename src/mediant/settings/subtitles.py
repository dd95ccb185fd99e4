"""The settings of subtitles. Their names are those of the API that changes them."""

from ipaddress import ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, Field

from mediant.kernel.clock import now_s, to_datetime
from mediant.kernel.languages import find_language
from mediant.settings.addresses import check_address
from mediant.settings.lists import TextList
from mediant.settings.secret import MAY_HOLD_SECRET, NO_KEY, Key

NamingName = Literal["ISO_639_1", "ISO_639_2_T", "ISO_639_2_B", "NAME", "NATIVE"]
Mode = Literal["transcribe", "translate"]
Crew = Annotated[int, Field(ge=0, le=64)]
DAY_S = 86_400
WEEK_MIN = 7 * 24 * 60

NO_NAME = '/\\\0:*?"<>|\n\r'
"""What a part of a file's name may not hold on any system."""

MODES = ("standalone", "provider", "bazarr_slave")
"""What an `operation_mode` is made of; the last two are one."""

PREFERRED_AUDIO = ("eng",)
"""The list of audio languages that nobody chose."""


def _check_cron(line: str) -> str:
    try:
        CronSim(line, to_datetime(now_s())) if line else None
    except CronSimError as bad:
        raise ValueError(f"{line!r} is no cron expression ({bad})") from bad
    return line


def _check_language(text: str) -> str:
    if text and find_language(text) is None:
        raise ValueError(f"{text!r} is no language: use a code such as en, eng or pt-BR")
    return text


def _check_languages(texts: list[str]) -> list[str]:
    return [_check_language(text) for text in texts]


def _check_paths(paths: list[str]) -> list[str]:
    for path in paths:
        if not path.startswith("/") or "\0" in path:
            raise ValueError(f"{path!r} is no absolute path")
    return paths


def _check_path(path: str) -> str:
    return _check_paths([path])[0]


def _check_token(text: str) -> str:
    """A part of a file's name, and of nothing else."""
    token = text.strip()
    if token.startswith(".") or any(mark in token for mark in NO_NAME):
        raise ValueError(f"{text!r} cannot stand in a file's name")
    return token


def _check_address(text: str) -> str:
    """An address without name and password, for these would be shown to everybody who reads it."""
    address = check_address(text)
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise ValueError("no name and password may stand in an address; there is a key for that")
    return address


def _check_networks(networks: list[str]) -> list[str]:
    return [str(ip_network(network, strict=False)) for network in networks]


def _check_modes(modes: list[str]) -> list[str]:
    wrong = [mode for mode in modes if mode not in MODES]
    if wrong or not modes:
        raise ValueError(f"it is made of {', '.join(MODES)}, with commas")
    return modes


Cron = Annotated[str, AfterValidator(_check_cron)]
Spoken = Annotated[str, AfterValidator(_check_language)]
Languages = Annotated[TextList, AfterValidator(_check_languages)]
Paths = Annotated[TextList, AfterValidator(_check_paths)]
Text = Annotated[str, Field(max_length=4096)]
Address = Annotated[Text, AfterValidator(_check_address), MAY_HOLD_SECRET]


class SubtitlesSettings(BaseModel):
    """Scanning, speech, translation and what is written; each acts without a restart."""

    # general
    operation_mode: Annotated[TextList, AfterValidator(_check_modes)] = Field(
        default_factory=lambda: ["standalone"],
        description="`standalone`: scans and jobs. `provider` (or `bazarr_slave`): audio sent by "
        "Bazarr. Both with a comma.",
    )
    library_paths: Paths = Field(
        default_factory=list,
        description="Folders that are scanned. Once set, files outside them are refused.",
    )
    setup_completed: bool = Field(False, description="Whether the setup was gone through.")
    # workers
    worker_cpu_count: Crew = Field(0, description="Speech workers on the CPU.")
    worker_gpu_count: Crew = Field(0, description="Speech workers on GPUs, one each.")
    worker_auto_start_count: Crew = Field(1, description="Speech workers while both counts are 0.")
    worker_auto_start_type: Literal["cpu", "gpu"] = Field("cpu", description="Their type.")
    concurrent_transcriptions: int = Field(
        2, ge=1, le=1000, description="Speech jobs that run at once at most, over all workers."
    )
    worker_healthcheck_interval: int = Field(
        60, ge=1, le=DAY_S, description="Seconds between looks at the speech workers."
    )
    worker_auto_restart: bool = Field(True, description="A dead speech worker is replaced.")
    clear_vram_on_complete: bool = Field(
        True, description="Speech models unload soon after the queue is empty."
    )
    model_idle_s: float = Field(
        30.0,
        ge=0,
        le=7 * DAY_S,
        description="And after so many seconds unused; 0 keeps them loaded.",
    )
    # transcription
    whisper_model: Text = Field(
        "medium",
        min_length=1,
        description="The model of `balanced`: a name, `owner/repository`, or a folder.",
    )
    model_path: Text = Field(
        "./models", description="Where speech models lie; `./models` is Mediant's own folder."
    )
    transcribe_device: Literal["cpu", "cuda", "gpu"] = Field(
        "cpu", description="What speech is recognised on where a worker has no device of its own."
    )
    cpu_compute_type: Literal["auto", "int8", "float32"] = Field(
        "auto", description="Arithmetic on the CPU."
    )
    gpu_compute_type: Literal["auto", "float16", "float32", "int8_float16", "int8"] = Field(
        "auto", description="Arithmetic on a GPU."
    )
    whisper_threads: int = Field(4, ge=1, le=1024, description="CPU threads of one speech worker.")
    transcribe_or_translate: Mode = Field("transcribe", description="Mode of jobs without one.")
    word_level_highlight: bool = Field(
        False, description="Mark each word as it is said, in `srt` and `vtt`."
    )
    detect_language_length: int = Field(
        30, ge=1, le=300, description="Seconds of each window in which the language is heard."
    )
    detect_language_offset: int = Field(
        0, ge=0, le=DAY_S, description="Seconds before the first of these windows."
    )
    openai_url: Address = Field(
        "", description="OpenAI-compatible server that recognises speech instead of this machine."
    )
    openai_key: Key = Field(NO_KEY, description="Its key.")
    openai_model: Text = Field("whisper-1", description="Its model.")
    translation_url: Address = Field(
        "", description="OpenAI-compatible server that translates where no local model can."
    )
    translation_key: Key = Field(NO_KEY, description="Its key.")
    translation_model: Text = Field("", description="Its model.")
    translation_order: Literal["local", "remote"] = Field(
        "local",
        description="`remote`: this server comes before the models of this machine, not after.",
    )
    # subtitles
    subtitle_language_name: Annotated[Text, AfterValidator(_check_token)] = Field(
        "", description="Fixed token in names instead of the language's code."
    )
    subtitle_language_naming_type: NamingName = Field(
        "ISO_639_2_B", description="How a name tells the language."
    )
    custom_regroup: Text = Field(
        "cm_sl=84_sl=42++++++1", description="Longest cue and longest line: its two numbers."
    )
    # skip
    skip_if_external_subtitles_exist: bool = Field(
        False, description="Skip videos with a file in the language of `subtitle_language_name`."
    )
    skip_if_target_subtitles_exist: bool = Field(
        True, description="Skip videos that have subtitles in the wanted language."
    )
    skip_if_internal_subtitles_language: Spoken = Field(
        "", description="Skip videos with embedded subtitles in this language."
    )
    skip_subtitle_languages: Languages = Field(
        default_factory=list, description="Skip videos with embedded subtitles in any of these."
    )
    skip_if_audio_languages: Languages = Field(
        default_factory=list, description="Skip videos with audio in any of these languages."
    )
    skip_unknown_language: bool = Field(
        False, description="Skip videos whose language is not told."
    )
    skip_only_subgen_subtitles: bool = Field(
        False, description="Only generated subtitles count for `skip_if_target_subtitles_exist`."
    )
    # scanner
    scanner_enabled: bool = Field(True, description="Scheduled scans and the watch may run.")
    scanner_cron: Cron = Field(
        "0 2 * * *",
        description="When scans begin, as a cron expression in the server's `timezone`; empty goes "
        "by `scan_interval_minutes`.",
    )
    watcher_enabled: bool = Field(False, description="New videos are taken up as they come.")
    auto_scan_enabled: bool = Field(False, description="Scans begin by schedule.")
    scanner_schedule_interval_minutes: int = Field(
        360, ge=0, le=WEEK_MIN, description="Minutes between scans; 0 goes by `scanner_cron`."
    )
    scan_interval_minutes: int = Field(
        30, ge=1, le=WEEK_MIN, description="Minutes between scans where nothing else says it."
    )
    watch_settle_s: float = Field(
        5.0,
        ge=0,
        le=DAY_S,
        description="A new video is taken up after its size rested for so long.",
    )
    watch_poll_s: float = Field(
        300.0,
        gt=0,
        le=DAY_S,
        description="Seconds between looks where no events come, as on network disks.",
    )
    scheduled_cron: Cron = Field(
        "", description="Cron expression of scheduled scans, before all other settings of them."
    )
    scheduled_paths: Paths = Field(
        default_factory=list, description="What they look at; empty: `library_paths`."
    )
    scheduled_recursive: bool = Field(True, description="Whether they go into folders.")
    watched_paths: Paths = Field(
        default_factory=list, description="What is watched; empty: `library_paths`."
    )
    watched_recursive: bool = Field(True, description="Whether folders in it are watched.")
    # bazarr
    bazarr_provider_enabled: bool = Field(
        False, description="Anonymous callers from `bazarr_networks` may send audio."
    )
    bazarr_networks: Annotated[TextList, AfterValidator(_check_networks)] = Field(
        default_factory=list, description="Networks (CIDR) of these callers."
    )
    bazarr_url: Address = Field("http://bazarr:6767", description="Bazarr's own address.")
    bazarr_api_key: Key = Field(NO_KEY, description="A key that opens the provider's routes.")
    bazarr_own_key: Key = Field(
        NO_KEY,
        description="Bazarr's own API key (its Settings, General); without it nothing is told.",
    )
    provider_timeout_seconds: int = Field(
        600, ge=1, le=DAY_S, description="How long one request for subtitles waits at most."
    )
    provider_silent_text: str = Field(
        "",
        max_length=200,
        description="Where nobody speaks, Bazarr gets one cue of a second with this text, such as "
        "`♪`, and keeps it; empty: it gets an empty answer, and asks again at its next search.",
    )
    provider_callback_enabled: bool = Field(
        True,
        description="Bazarr is told of new files, while `bazarr_provider_enabled` is on.",
    )
    provider_polling_interval: int = Field(
        30, ge=1, le=DAY_S, description="Seconds between tries to tell it."
    )
    # advanced
    force_detected_language_to: Spoken = Field(
        "", description="Language of audio that does not tell its own."
    )
    preferred_audio_languages: Languages = Field(
        default_factory=lambda: list(PREFERRED_AUDIO),
        description="Audio tracks to take first, in this order. As long as nobody changed it, a "
        "track in the subtitles' own language goes before.",
    )
    use_path_mapping: bool = Field(False, description="Paths of other programs are translated.")
    path_mapping_from: Text = Field("/tv", description="Their prefix.")
    path_mapping_to: Annotated[Text, AfterValidator(_check_path)] = Field(
        "/Volumes/TV", description="Ours."
    )
    lrc_for_audio_files: bool = Field(True, description="Audio files get lyrics (`.lrc`).")
    browse_roots: Paths = Field(
        default_factory=lambda: ["/"], description="Folders that may be browsed."
    )
    debug: bool = Field(False, description="Log everything.")

    @property
    def is_standalone(self) -> bool:
        """Whether scans and jobs of its own are wanted."""
        return "standalone" in self.operation_mode
