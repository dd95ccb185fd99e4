"""How an MP4 says that its content is encrypted: the code of its sample entries."""

ENCRYPTED_AUDIO = frozenset({"drms", "enca", "aavd"})
"""Sound: bought from iTunes, by ISO's common encryption, from Audible."""
ENCRYPTED = ENCRYPTED_AUDIO | {"drmi", "encv"}
"""Sound or pictures."""
