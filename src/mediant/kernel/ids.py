"""Identifiers and secrets."""

import hashlib
import secrets
import uuid


def new_uuid() -> str:
    """A random UUID in its canonical text form."""
    return str(uuid.uuid4())


def new_secret(size_bytes: int = 32) -> str:
    """A URL-safe random secret; 32 bytes give 43 characters."""
    return secrets.token_urlsafe(size_bytes)


def hash_secret(secret: str) -> str:
    """SHA-256 of a high-entropy secret, in hex. Not for passwords, which need argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()
