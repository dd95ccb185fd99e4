"""Rules: which videos get subtitles, which are left alone, and what is written for them.

Public: the values of `rule`, `match.first_match` and `explain`, `skips.why_skip`,
`audio_track.choose_track`, `output.output_path`, and `validate`.
Pure: no files, no database, no clock.
"""
