"""Compression: what the client accepts, on both paths, and never where a cookie was sent."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING

import brotli
import httpx2
import pytest

from server.http.compression import IN_THREAD_BYTES, MIN_BYTES, compressed, negotiate_encoding
from tests.server.test_fast_path import GROUPS, at_work, send
from tests.support.clients import new_token

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

LONG = {"query": "{ participants(first: 20) { nodes { id code name kind countryCode updatedAt } } }"}
DECODED = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": lambda body: zlib.decompress(body, 31),
}


@pytest.fixture(scope="module")
def url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.with_public_record() as address:
        yield address


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip;q=1, br;q=0.5, zstd;q=0", "gzip"),
        ("deflate", None),
        ("*", "zstd"),
        ("*;q=0", None),
        ("zstd;q=0, *", "br"),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=high", None),
    ],
)
def test_the_encoding_is_the_one_the_client_prefers(accepted: str, encoding: str | None) -> None:
    assert negotiate_encoding(accepted) == encoding


@pytest.mark.anyio
@pytest.mark.parametrize("encoding", DECODED)
async def test_what_is_compressed_is_the_same_at_every_length(encoding: str) -> None:
    accepting = [(b"accept-encoding", encoding.encode())]
    for length in (MIN_BYTES, IN_THREAD_BYTES + 1):
        body = b"x" * length
        shorter, given = await compressed(body, accepting)
        assert (DECODED[encoding](shorter), given) == (body, encoding.encode())
    assert await compressed(b"x" * (MIN_BYTES - 1), accepting) == (b"x" * (MIN_BYTES - 1), None)


def test_both_paths_compress_a_long_answer_and_no_short_one(url: str) -> None:
    with at_work(url) as address, httpx2.Client() as client:
        client.headers["authorization"] = f"Bearer {new_token(url)}"
        plain = send(client, address, LONG, **{"accept-encoding": "identity"})
        # First the ordinary path, then the fast one.
        for encoding in [*DECODED] * 2:
            found = send(client, address, LONG, **{"accept-encoding": encoding})
            assert found.headers["content-encoding"] == encoding
            assert found.headers["vary"] == "Accept, Accept-Encoding"
            assert int(found.headers["content-length"]) < len(plain.content) / 2
            assert found.json()["data"] == plain.json()["data"]
            assert "content-encoding" not in send(client, address, GROUPS, **{"accept-encoding": encoding}).headers


def test_nothing_is_compressed_where_a_cookie_was_sent(url: str) -> None:
    with at_work(url, anonymous_reads=True) as address, httpx2.Client() as client:
        for more in ({}, {"cookie": "a=b"}, {}, {"cookie": "a=b"}):
            found = send(client, address, LONG, **{"accept-encoding": "zstd"}, **more)
            assert found.headers.get("content-encoding") == (None if more else "zstd")
