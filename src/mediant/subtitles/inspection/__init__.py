"""Inspection: what a video holds, and the subtitle files that lie beside it.

Public: `inspect.inspect_video` and `open_sandbox`, the values of `video`, and of `external`
`list_names`, `group_external`, `find_lyrics`, `find_marker`. `probe` runs in the sandbox only.
Must not know rules, settings, jobs or the database.
"""
