"""Emby."""
