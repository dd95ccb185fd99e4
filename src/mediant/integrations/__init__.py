"""Adapters to services of others: each satisfies a port that a room declares.

Knows: the services' own APIs, a package each.
Public: `media_servers.open_media_server`.
Must not know: HTTP of our own, the database, each other.
"""
