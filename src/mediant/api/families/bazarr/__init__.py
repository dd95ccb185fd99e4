"""Bazarr's Whisper provider and whisper-asr-webservice: one protocol, text for errors."""
