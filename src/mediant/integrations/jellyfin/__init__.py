"""Jellyfin."""
