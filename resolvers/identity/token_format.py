"""What an API token looks like, and how one that was never given out is told without asking anybody.

A token is `itc_`, 43 characters of randomness and 6 of checksum. Its prefix lets scanners find
one that was published by mistake; its checksum turns typing errors away before the database is asked.
"""

from __future__ import annotations

import re
import secrets
import string
from binascii import crc32

from resolvers.core.hashing import sha256_of

PREFIX = "itc_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_BITS = 256
#: 62 to these powers is more than 256 and 32 bits can hold.
RANDOM_LENGTH = 43
CHECKSUM_LENGTH = 6
SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)


def new_token() -> str:
    """Give a fresh token of 256 random bits."""
    text = _write(secrets.randbits(RANDOM_BITS), RANDOM_LENGTH)
    return f"{PREFIX}{text}{_checksum(text)}"


def is_token(text: str) -> bool:
    """Tell whether `text` could have come from `new_token`: its shape and its checksum are right."""
    if SHAPE.fullmatch(text) is None:
        return False
    body = text.removeprefix(PREFIX)
    return _checksum(body[:RANDOM_LENGTH]) == body[RANDOM_LENGTH:]


def digest_of(secret: str) -> str:
    """Give the SHA-256 of a credential in hexadecimal, which is all that is ever kept of one."""
    return sha256_of(secret.encode("utf-8", "surrogatepass"))


def _checksum(text: str) -> str:
    return _write(crc32(text.encode("ascii")), CHECKSUM_LENGTH)


def _write(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
