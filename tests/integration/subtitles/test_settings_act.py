"""Every setting of subtitles acts: for each key, the test that shows it.

A new key without such a test, and a test that was renamed, are found here.
"""

import ast
from pathlib import Path

from mediant.subtitles.settings_keys import list_keys

TESTS = Path(__file__).parents[2]

_FAMILY = "contract/transcriptorio"
_SCANS = "integration/scanning/test_settings_act_on_scans.py"
_SCHEDULE = "integration/scanning/test_schedule.py"
_WATCH = "integration/scanning/test_watch.py"
_SCAN = "integration/scanning/test_scan.py"
_WORKERS = "integration/subtitles/test_settings_act_on_workers.py"
_CHOOSE = "unit/subtitles/speech/test_choose.py"
_TRANSCRIPTION = "unit/subtitles/transcribe/test_transcription.py"
_PROVIDER = "contract/provider/test_protocol.py"
_PROVIDER_ACCESS = "contract/provider/test_access.py"
_PROVIDER_PATIENCE = "contract/provider/test_patience.py"
_CALLBACK = "integration/subtitles/provider/test_callback.py"
_HEARD = "unit/subtitles/translate/test_heard.py"

PROOFS = {
    # general
    "operation_mode": f"{_FAMILY}/test_restart.py::test_the_provider_alone_makes_no_jobs",
    "library_paths": f"{_SCANS}::test_library_paths_are_what_a_scan_walks",
    "api_host": f"{_FAMILY}/test_settings.py::test_the_address_is_the_real_one",
    "api_port": f"{_FAMILY}/test_settings.py::test_the_address_is_the_real_one",
    "debug": f"{_FAMILY}/test_restart.py::test_everything_is_logged_when_asked",
    "setup_completed": f"{_FAMILY}/test_setup.py::test_the_setup_can_be_skipped",
    # workers
    "worker_cpu_count": f"{_FAMILY}/test_restart.py::test_workers_are_those_of_the_settings",
    "worker_gpu_count": f"{_FAMILY}/test_restart.py::test_workers_are_those_of_the_settings",
    "worker_auto_start_count": f"{_FAMILY}/test_restart.py::test_workers_are_those_of_the_settings",
    "worker_auto_start_type": f"{_FAMILY}/test_restart.py::test_workers_are_those_of_the_settings",
    "concurrent_transcriptions": (
        f"{_WORKERS}::test_concurrent_transcriptions_is_a_cap_over_all_workers"
    ),
    "worker_healthcheck_interval": (
        f"{_WORKERS}::test_worker_healthcheck_interval_finds_one_that_hangs"
    ),
    "worker_auto_restart": f"{_WORKERS}::test_worker_auto_restart_replaces_a_dead_worker",
    "clear_vram_on_complete": f"{_WORKERS}::test_a_worker_that_rests_gives_its_memory_back",
    "model_idle_s": f"{_WORKERS}::test_a_worker_that_rests_gives_its_memory_back",
    # transcription
    "whisper_model": f"{_CHOOSE}::test_the_model_of_the_setting_is_taken_by_any_spelling",
    "model_path": f"{_CHOOSE}::test_models_may_lie_in_another_folder",
    "transcribe_device": f"{_CHOOSE}::test_device_and_arithmetic",
    "cpu_compute_type": f"{_CHOOSE}::test_device_and_arithmetic",
    "gpu_compute_type": f"{_CHOOSE}::test_device_and_arithmetic",
    "whisper_threads": f"{_CHOOSE}::test_no_more_threads_than_cores",
    "transcribe_or_translate": f"{_FAMILY}/test_jobs.py::test_little_is_needed",
    "word_level_highlight": f"{_TRANSCRIPTION}::test_words_are_marked_where_that_is_wished",
    "detect_language_length": f"{_WORKERS}::test_detection_listens_to_windows_of_that_length",
    "detect_language_offset": f"{_WORKERS}::test_windows_of_detection_are_those_of_the_settings",
    "openai_url": f"{_WORKERS}::test_a_speech_server_is_used_by_its_three_settings",
    "openai_key": f"{_WORKERS}::test_a_speech_server_is_used_by_its_three_settings",
    "openai_model": f"{_WORKERS}::test_a_speech_server_is_used_by_its_three_settings",
    "translation_url": f"{_HEARD}::test_the_whole_way_by_a_server",
    "translation_key": f"{_HEARD}::test_the_whole_way_by_a_server",
    "translation_model": f"{_HEARD}::test_the_whole_way_by_a_server",
    "translation_order": (
        "unit/subtitles/translate/test_route.py::test_a_server_comes_first_when_that_is_wished"
    ),
    # subtitles
    "subtitle_language_name": f"{_TRANSCRIPTION}::test_the_name_is_as_the_settings_want_it",
    "subtitle_language_naming_type": f"{_TRANSCRIPTION}::test_the_name_is_as_the_settings_want_it",
    "custom_regroup": (
        "unit/subtitles/transcribe/test_limits.py::test_its_two_numbers_are_cue_and_line"
    ),
    # skip
    "skip_if_external_subtitles_exist": (
        f"{_SCANS}::test_skip_if_external_subtitles_exist_for_the_named_language"
    ),
    "skip_if_target_subtitles_exist": f"{_SCANS}::test_skip_if_target_subtitles_exist",
    "skip_if_internal_subtitles_language": (
        f"{_SCANS}::test_skip_settings_keep_a_video_from_its_job"
    ),
    "skip_subtitle_languages": f"{_SCANS}::test_skip_settings_keep_a_video_from_its_job",
    "skip_if_audio_languages": f"{_SCANS}::test_skip_settings_keep_a_video_from_its_job",
    "skip_unknown_language": f"{_SCANS}::test_skip_settings_keep_a_video_from_its_job",
    "skip_only_subgen_subtitles": (
        f"{_SCANS}::test_skip_only_subgen_subtitles_counts_only_made_ones"
    ),
    # scanner
    "scanner_enabled": f"{_SCHEDULE}::test_a_changed_setting_acts_at_once",
    "scanner_cron": f"{_SCHEDULE}::test_which_setting_says_when",
    "watcher_enabled": f"{_WATCH}::test_the_settings_are_followed_at_once",
    "auto_scan_enabled": f"{_SCHEDULE}::test_a_changed_setting_acts_at_once",
    "scanner_schedule_interval_minutes": f"{_SCHEDULE}::test_a_changed_setting_acts_at_once",
    "scan_interval_minutes": (
        f"{_FAMILY}/test_scanner.py::test_the_schedule_goes_by_settings_in_their_order"
    ),
    "scanner_last_scan_time": f"{_SCAN}::test_rows_of_the_watch_do_not_count_as_scans",
    "scanner_scan_count": f"{_SCAN}::test_rows_of_the_watch_do_not_count_as_scans",
    "scanner_total_files_scanned": f"{_SCAN}::test_rows_of_the_watch_do_not_count_as_scans",
    "scheduled_cron": f"{_SCHEDULE}::test_a_wish_survives_a_restart_and_is_not_put_off_by_it",
    "scheduled_paths": f"{_SCHEDULE}::test_a_wish_survives_a_restart_and_is_not_put_off_by_it",
    "scheduled_recursive": f"{_SCHEDULE}::test_a_wish_survives_a_restart_and_is_not_put_off_by_it",
    "watch_poll_s": f"{_WATCH}::test_where_no_events_come_it_looks_again_and_again",
    "watch_settle_s": f"{_WATCH}::test_a_file_that_is_written_slowly_is_taken_whole",
    "watched_paths": f"{_WATCH}::test_the_settings_are_followed_at_once",
    "watched_recursive": f"{_WATCH}::test_a_flat_watch_leaves_folders_alone",
    # advanced
    "force_detected_language_to": (
        f"{_SCANS}::test_force_detected_language_to_spares_the_detection"
    ),
    "preferred_audio_languages": f"{_SCANS}::test_preferred_audio_languages_choose_the_track",
    "use_path_mapping": f"{_FAMILY}/test_jobs.py::test_paths_of_other_programs_are_understood",
    "path_mapping_from": f"{_FAMILY}/test_jobs.py::test_paths_of_other_programs_are_understood",
    "path_mapping_to": f"{_FAMILY}/test_jobs.py::test_paths_of_other_programs_are_understood",
    "lrc_for_audio_files": f"{_SCANS}::test_lrc_for_audio_files_decides_on_music",
    "browse_roots": f"{_FAMILY}/test_system.py::test_nothing_outside_the_roots_is_seen",
    # bazarr
    "bazarr_provider_enabled": f"{_PROVIDER_ACCESS}::test_listed_networks_need_no_key",
    "bazarr_networks": f"{_PROVIDER_ACCESS}::test_listed_networks_need_no_key",
    "bazarr_api_key": f"{_PROVIDER_ACCESS}::test_the_providers_own_key_opens_its_routes_only",
    "bazarr_own_key": f"{_CALLBACK}::test_the_message_names_the_file_as_bazarr_does",
    "bazarr_url": f"{_CALLBACK}::test_the_message_names_the_file_as_bazarr_does",
    "provider_timeout_seconds": (
        f"{_PROVIDER_PATIENCE}::test_who_waits_too_long_gets_the_answer_next_time"
    ),
    "provider_silent_text": f"{_PROVIDER}::test_where_nobody_speaks_a_cue_may_stand",
    "provider_callback_enabled": f"{_CALLBACK}::test_it_is_told_only_where_that_is_wanted",
    "provider_polling_interval": f"{_CALLBACK}::test_it_is_told_again_after_a_while",
}


def test_every_key_has_a_proof() -> None:
    assert {one.key for one in list_keys()} == PROOFS.keys()


def test_every_proof_is_there() -> None:
    missing = {proof for proof in PROOFS.values() if not _exists(proof)}
    assert missing == set()


def _exists(proof: str) -> bool:
    path, _, name = proof.partition("::")
    tree = ast.parse((TESTS / path).read_text())
    return any(isinstance(one, ast.FunctionDef) and one.name == name for one in ast.walk(tree))
