"""A cache of the identity provider's public keys, fetched from the configured address."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import httpx2
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from resolvers.core.hashing import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
#: The minimum pause between two fetches for unknown or old keys, whether or not the first succeeded.
PAUSE_SECONDS = 60
#: Keys older than this are fetched again, so that a key that the provider revoked is soon rejected.
FRESH_SECONDS = 900
#: Keys that could not be fetched again for this long are no longer trusted.
TRUSTED_SECONDS = 24 * 3600
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
MIN_RSA_BITS = 2048


class ProviderError(Exception):
    """The identity provider cannot be reached, or its response is not usable."""


class KeySet(NamedTuple):
    """The fetched keys; the fingerprint changes when the keys change."""

    keys: Mapping[tuple[str, str], Key]
    fingerprint: str


async def fetch_json(address: str) -> tuple[dict[str, Any], str]:
    """Return the JSON object at `address` and the SHA-256 of its text.

    Raises ProviderError if the response takes longer than five seconds, is not a JSON object, or is too long.
    """
    try:
        with anyio.fail_after(TIMEOUT_SECONDS):
            text = await _fetch(address)
        found = json.loads(text)
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
        message = f"{address} did not return JSON: {type(error).__name__}"
        raise ProviderError(message) from None
    if not isinstance(found, dict):
        message = f"{address} returned JSON that is not an object"
        raise ProviderError(message)
    return found, sha256_of(text)


async def _fetch(address: str) -> bytes:
    text = bytearray()
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client,
        client.stream("GET", address, headers={"Accept": "application/json"}) as response,
    ):
        if response.status_code != httpx2.codes.OK:
            message = f"{address} returned status {response.status_code}"
            raise ProviderError(message)
        async for part in response.aiter_bytes():
            text += part
            if len(text) > MAX_BYTES:
                message = f"{address} returned more than {MAX_BYTES} bytes"
                raise ProviderError(message)
    return bytes(text)


async def read_keys(address: str) -> Mapping[tuple[str, str], Key]:
    """Return the keys at `address` that this server accepts, by key ID and algorithm. Raises ProviderError."""
    found, _ = await fetch_json(address)
    return _read(found)


class JwksCache:
    """The keys at one address, shared by all requests of this process."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._set = KeySet({}, "")
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def current(self, wanted: tuple[str, str] | None = None) -> KeySet:
        """Return the keys; fetch them first if they are old or lack the `wanted` key ID and algorithm.

        Concurrent calls share one fetch, and there is at most one fetch in a minute.
        """
        if self._suffices(wanted):
            return self._set
        async with self._lock:
            # The previous holder of the lock can have fetched the keys in the meantime.
            if not self._suffices(wanted) and monotonic() - self._tried_at >= PAUSE_SECONDS:
                await self._refetch()
        return self._set

    def _suffices(self, wanted: tuple[str, str] | None) -> bool:
        fresh = monotonic() - self._fetched_at < FRESH_SECONDS
        return fresh and (wanted is None or wanted in self._set.keys)

    async def _refetch(self) -> None:
        self._tried_at = monotonic()
        try:
            found, fingerprint = await fetch_json(self._address)
            self._set = KeySet(_read(found), fingerprint)
            self._fetched_at = monotonic()
        except ProviderError as error:
            logger.warning("the identity provider's keys cannot be fetched: %s", error)
            if monotonic() - self._fetched_at >= TRUSTED_SECONDS:
                self._set = KeySet({}, "")


def _read(found: Mapping[str, Any]) -> dict[tuple[str, str], Key]:
    """Return the keys for the algorithms that we accept, by key ID and algorithm."""
    listed = found.get("keys")
    if not isinstance(listed, list):
        message = "the key set has no list of keys"
        raise ProviderError(message)
    keys: dict[tuple[str, str], Key] = {}
    for entry in listed[:MAX_KEYS]:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str):
            key, algorithm = _key(entry)
            if key is not None:
                # If two keys have the same ID, the first is used.
                keys.setdefault((entry["kid"], algorithm), key)
    return keys


def _key(entry: dict[str, Any]) -> tuple[Key | None, str]:
    """Return the key of one entry and its algorithm; None if it has another purpose, is too weak or is broken."""
    try:
        with warnings.catch_warnings():
            # The keys that it would warn about are rejected below.
            warnings.simplefilter("ignore", SecurityWarning)
            key = JWKRegistry.import_key(entry)
        algorithm = _algorithm(key)
    except (JoseError, ValueError, TypeError, KeyError):
        return None, ""
    operations = entry.get("key_ops")
    for_something_else = (
        entry.get("use", "sig") != "sig"
        or entry.get("alg", algorithm) != algorithm
        or (operations is not None and "verify" not in operations)
    )
    return (None, "") if for_something_else or not algorithm else (key, algorithm)


def _algorithm(key: Key) -> str:
    """Return the accepted algorithm for this kind of key, or the empty text."""
    if isinstance(key, RSAKey):
        return "RS256" if key.raw_value.key_size >= MIN_RSA_BITS else ""
    if isinstance(key, ECKey):
        return "ES256" if key.curve_name == "P-256" else ""
    if isinstance(key, OKPKey):
        return "EdDSA" if key.curve_name == "Ed25519" else ""
    return ""
