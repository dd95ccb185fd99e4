"""Speech: from sound to words with times, and the language that is spoken.

Knows recognisers (`engine.SpeechEngine`), decoding for them, voices, and which model suits which
wish. Runs in workers; of what the server imports, only `engine` and `choose` are light.
Must not know cues, files of subtitles, jobs or the database.
"""
