"""The family `transcriptorio`: subtitles, as TranscriptorIO's documents say it."""
