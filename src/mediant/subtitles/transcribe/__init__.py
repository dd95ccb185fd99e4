"""Transcription: from a media file to a subtitle file beside it, as durable jobs.

Knows the kinds of job `transcribe` and `detect_language`: what is asked (`wish`), what a worker
does (`work`, `detecting`), what it leaves in the database (`results`), and how a job reads to
people (`view`). Light to import, but for `work` and `detecting`, which only workers import.
Must not know HTTP, a family's words, or how recognition and translation do what they do.
"""
