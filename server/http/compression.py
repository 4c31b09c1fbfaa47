"""Compresses the bodies of responses: zstd, br or gzip, as the client accepts.

A response to a request with a cookie is never compressed. A page of another site can make a browser send such a
request, and could find a secret in the response from its length (BREACH). It cannot make a browser send a token.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import brotli

from server.http.media_types import qualities

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: A shorter body is hardly shorter when compressed: with its headers it fits into one packet.
MIN_BYTES = 1_000
#: A longer body takes more than a few milliseconds, in which the worker answers other requests.
IN_THREAD_BYTES = 250_000
#: Higher levels take several times longer, and save a few per cent.
ZSTD_LEVEL, BROTLI_QUALITY, GZIP_LEVEL = 1, 1, 1
#: The window that makes zlib write gzip.
GZIP_WINDOW = 31


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return compressor.compress(body) + compressor.flush()


#: The fastest first: it is chosen if the client accepts several alike.
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL),
    "br": lambda body: brotli.compress(body, quality=BROTLI_QUALITY),
    "gzip": _gzip,
}


async def compressed(body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes | None]:
    """Return the body of a response to a request with these headers, and its Content-Encoding if it is compressed."""
    encoding = _encoding(headers) if len(body) >= MIN_BYTES else None
    if encoding is None:
        return body, None
    compress = ENCODINGS[encoding]
    shorter = compress(body) if len(body) <= IN_THREAD_BYTES else await asyncio.to_thread(compress, body)
    return shorter, encoding.encode()


def _encoding(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    accepted = []
    for name, value in headers:
        if name == b"cookie":
            return None
        if name == b"accept-encoding":
            accepted.append(value)
    return negotiate_encoding(b", ".join(accepted).decode("latin-1")) if accepted else None


@lru_cache(maxsize=64)
def negotiate_encoding(accept_encoding: str) -> str | None:
    """Return the encoding that an `Accept-Encoding` header prefers; None if the body must be sent as it is."""
    found = qualities(accept_encoding)
    best = max(ENCODINGS, key=lambda name: found.get(name, found.get("*", 0.0)))
    quality = found.get(best, found.get("*", 0.0))
    return best if quality > 0 and quality >= found.get("identity", 0.0) else None
