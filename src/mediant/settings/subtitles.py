"""The settings of subtitles. Their names are those of the API that changes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from mediant.settings.lists import TextList

NamingName = Literal["ISO_639_1", "ISO_639_2_T", "ISO_639_2_B", "NAME", "NATIVE"]
Mode = Literal["transcribe", "translate"]
Count = Annotated[int, Field(ge=0)]


class SubtitlesSettings(BaseModel):
    """Scanning, speech, translation and what is written; each acts without a restart."""

    # general
    operation_mode: TextList = Field(
        default_factory=lambda: ["standalone"],
        description="`standalone`: scans and jobs. `provider` (or `bazarr_slave`): audio sent by "
        "Bazarr. Both with a comma.",
    )
    library_paths: TextList = Field(
        default_factory=list,
        description="Folders that are scanned. Once set, files outside them are refused.",
    )
    setup_completed: bool = Field(False, description="Whether the setup was gone through.")
    # workers
    worker_cpu_count: Count = Field(0, description="Speech workers on the CPU.")
    worker_gpu_count: Count = Field(0, description="Speech workers on GPUs, one each.")
    worker_auto_start_count: Count = Field(1, description="Speech workers while both counts are 0.")
    worker_auto_start_type: Literal["cpu", "gpu"] = Field("cpu", description="Their type.")
    concurrent_transcriptions: int = Field(
        2, ge=1, description="Speech jobs that run at once at most, over all workers."
    )
    worker_healthcheck_interval: int = Field(
        60, ge=1, description="Seconds between looks at the speech workers."
    )
    worker_auto_restart: bool = Field(True, description="A dead speech worker is replaced.")
    clear_vram_on_complete: bool = Field(
        True, description="Speech models unload soon after the queue is empty."
    )
    model_idle_s: float = Field(
        30.0, ge=0, description="And after so many seconds unused; 0 keeps them loaded."
    )
    # transcription
    whisper_model: str = Field(
        "medium", min_length=1, description="The model of `balanced`: a name, or a folder."
    )
    model_path: str = Field(
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
    whisper_threads: int = Field(4, ge=1, description="CPU threads of one speech worker.")
    transcribe_or_translate: Mode = Field("transcribe", description="Mode of jobs without one.")
    word_level_highlight: bool = Field(False, description="Mark each word as it is said.")
    detect_language_length: int = Field(
        30, ge=1, le=300, description="Seconds of each window in which the language is heard."
    )
    detect_language_offset: Count = Field(
        0, description="Seconds before the first of these windows."
    )
    openai_url: str = Field(
        "", description="OpenAI-compatible server that recognises speech instead of this machine."
    )
    openai_key: str = Field("", description="Its key.")
    openai_model: str = Field("whisper-1", description="Its model.")
    translation_url: str = Field(
        "", description="OpenAI-compatible server that translates where no local model can."
    )
    translation_key: str = Field("", description="Its key.")
    translation_model: str = Field("", description="Its model.")
    # subtitles
    subtitle_language_name: str = Field(
        "", description="Fixed token in names instead of the language's code."
    )
    subtitle_language_naming_type: NamingName = Field(
        "ISO_639_2_B", description="How a name tells the language."
    )
    custom_regroup: str = Field(
        "cm_sl=84_sl=42++++++1", description="Longest cue and longest line: its two numbers."
    )
    # skip
    skip_if_external_subtitles_exist: bool = Field(
        False, description="Skip videos with a file in the language of `subtitle_language_name`."
    )
    skip_if_target_subtitles_exist: bool = Field(
        True, description="Skip videos that have subtitles in the wanted language."
    )
    skip_if_internal_subtitles_language: str = Field(
        "", description="Skip videos with embedded subtitles in this language."
    )
    skip_subtitle_languages: TextList = Field(
        default_factory=list, description="Skip videos with embedded subtitles in any of these."
    )
    skip_if_audio_languages: TextList = Field(
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
    scanner_cron: str = Field("0 2 * * *", description="When scans begin, as a cron expression.")
    watcher_enabled: bool = Field(False, description="New videos are taken up as they come.")
    auto_scan_enabled: bool = Field(False, description="Scans begin by schedule.")
    scanner_schedule_interval_minutes: int = Field(
        360, ge=0, le=10_080, description="Minutes between scans; 0 goes by `scanner_cron`."
    )
    scan_interval_minutes: int = Field(
        30, ge=1, description="Minutes between scans where nothing else says it."
    )
    # bazarr
    bazarr_provider_enabled: bool = Field(
        False, description="Anonymous callers from `bazarr_networks` may send audio."
    )
    bazarr_networks: TextList = Field(
        default_factory=list, description="Networks (CIDR) of these callers."
    )
    bazarr_url: str = Field("http://bazarr:6767", description="Bazarr's own address.")
    bazarr_api_key: str = Field("", description="A key that opens the provider's routes.")
    provider_timeout_seconds: int = Field(
        600, ge=1, description="How long one request for subtitles waits at most."
    )
    provider_callback_enabled: bool = Field(True, description="Bazarr is told of new files.")
    provider_polling_interval: int = Field(
        30, ge=1, description="Seconds between tries to tell it."
    )
    # advanced
    force_detected_language_to: str = Field(
        "", description="Language of audio that does not tell its own."
    )
    preferred_audio_languages: TextList = Field(
        default_factory=lambda: ["eng"], description="Audio tracks to take first, in this order."
    )
    use_path_mapping: bool = Field(False, description="Paths of other programs are translated.")
    path_mapping_from: str = Field("/tv", description="Their prefix.")
    path_mapping_to: str = Field("/Volumes/TV", description="Ours.")
    lrc_for_audio_files: bool = Field(True, description="Audio files get lyrics (`.lrc`).")
    browse_roots: TextList = Field(
        default_factory=lambda: ["/"], description="Folders that may be browsed."
    )
    debug: bool = Field(False, description="Log everything.")
