"""Bazarr."""
