"""SHA-256 in hexadecimal, which identifies files, credentials, audit events and trusted documents."""

from __future__ import annotations

import hashlib
import re

SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: str) -> bool:
    """Return whether a text has the form of a SHA-256: 64 hexadecimal digits in lower case."""
    return SHA256.fullmatch(text) is not None


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of bytes as 64 hexadecimal digits in lower case."""
    return hashlib.sha256(content).hexdigest()
