"""Looking through folders for media that want subtitles.

`Scanner` is its face. A worker walks (`walk_videos`), the server applies the rules to what is known
(`scan_jobs`, `judge`), further workers look into what is new (`inspect_videos`),
and which of what is known is gone (`forget_videos`).
Public: `scanner.Scanner`. Must not know HTTP, nor how subtitles are made.
"""
