"""The HTTP edge: it parses, calls one room and translates the answer.

Knows: requests, credentials as they travel, envelopes, pages, event streams. Public:
`create_server`, `serve` (in `server`). `v2` is our own API; `families` are the documented ones.
Must not know: how a room works inside, SQL, or any family's words outside that family's folder.
"""
