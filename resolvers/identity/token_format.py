"""The format of API tokens.

A token is `itc_`, 43 random characters and a checksum of 6 characters. The prefix lets secret scanners find a token
that was published by mistake. The checksum lets the server refuse a mistyped token without a database query.
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
#: So many digits of base 62 can represent 256 and 32 bits.
RANDOM_LENGTH = 43
CHECKSUM_LENGTH = 6
SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)


def new_token() -> str:
    """Return a new token of 256 random bits."""
    text = _write(secrets.randbits(RANDOM_BITS), RANDOM_LENGTH)
    return f"{PREFIX}{text}{_checksum(text)}"


def is_token(text: str) -> bool:
    """Return whether the format and the checksum of a token are correct."""
    if SHAPE.fullmatch(text) is None:
        return False
    body = text.removeprefix(PREFIX)
    return _checksum(body[:RANDOM_LENGTH]) == body[RANDOM_LENGTH:]


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a credential in hexadecimal. The database stores only this digest."""
    return sha256_of(secret.encode("utf-8", "surrogatepass"))


def _checksum(text: str) -> str:
    return _write(crc32(text.encode("ascii")), CHECKSUM_LENGTH)


def _write(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
