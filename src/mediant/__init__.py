"""Mediant listens to a media library and keeps it in order."""

__version__ = "0.1.0"
