"""The identity provider's keys: when the server fetches them, and which keys of a response it uses."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from server.auth import jwks
from server.auth.jwks import JwksCache
from server.auth.jwt_verifier import JwtVerifier
from server.config.settings import load_settings
from tests.servers.identity_provider import providing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.identity_provider import IdentityProvider

pytestmark = pytest.mark.anyio
UNKNOWN = ("unknown", "ES256")
KNOWN = ("ES256", "ES256")


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with providing() as started:
        yield started


@pytest.fixture
def keys(provider: IdentityProvider) -> JwksCache:
    return JwksCache(f"{provider.issuer}/keys")


def pass_time(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass for the keys, not for the test."""
    monkeypatch.setattr(jwks, "monotonic", lambda: time.monotonic() + seconds)


async def test_only_keys_that_verify_our_algorithms_are_kept(keys: JwksCache) -> None:
    assert set((await keys.current()).keys) == {("RS256", "RS256"), ("ES256", "ES256"), ("EdDSA", "EdDSA")}


async def test_keys_are_fetched_once_however_many_ask_at_once(keys: JwksCache, provider: IdentityProvider) -> None:
    provider.delay = 0.2
    found = await asyncio.gather(*(keys.current(KNOWN) for _ in range(50)))
    assert all(KNOWN in each.keys for each in found)
    assert provider.key_requests == 1


async def test_unknown_keys_are_asked_for_once_a_minute(
    keys: JwksCache, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        assert UNKNOWN not in (await keys.current(UNKNOWN)).keys
    assert provider.key_requests == 1
    pass_time(61, monkeypatch)
    await asyncio.gather(*(keys.current(UNKNOWN) for _ in range(20)))
    assert provider.key_requests == 2


async def test_a_new_key_is_taken_up_and_one_taken_back_is_refused(
    keys: JwksCache, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = JwtVerifier(load_settings(**provider.settings), keys)
    token = provider.token("ES256")
    assert await verifier.verify_access_token(token) is not None
    provider.keys = {"new": provider.keys["RS256"]}
    provider.keys["new"] = type(provider.keys["new"]).generate_key(2048, {"kid": "new"})
    pass_time(61, monkeypatch)
    fresh = provider.token("RS256", {"kid": "new"}, provider.keys["new"])
    assert await verifier.verify_access_token(fresh) is not None
    assert await verifier.verify_access_token(token) is None


async def test_aged_keys_are_fetched_again_though_every_token_is_known(
    keys: JwksCache, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.current(KNOWN)
    pass_time(jwks.FRESH_SECONDS + 1, monkeypatch)
    await keys.current(KNOWN)
    assert provider.key_requests == 2


async def test_keys_outlast_a_provider_that_is_down_for_a_while_and_not_for_a_day(
    keys: JwksCache, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.current(KNOWN)
    provider.key_answer = PlainTextResponse("down", 503)
    with monkeypatch.context() as patch:
        pass_time(3600, patch)
        assert KNOWN in (await keys.current(KNOWN)).keys
    pass_time(jwks.TRUSTED_SECONDS + 3600, monkeypatch)
    assert (await keys.current(KNOWN)).keys == {}


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("down", 503),
        PlainTextResponse("{"),
        JSONResponse([]),
        JSONResponse({}),
        JSONResponse({"keys": {}}),
        PlainTextResponse("[" * 100_000),
        PlainTextResponse(" " * 300_000 + '{"keys": []}'),
        RedirectResponse("https://example.org/keys"),
        Response(b"\xff\xfe"),
    ],
    ids=["down", "broken", "list", "empty", "no list", "nested", "huge", "elsewhere", "no text"],
)
async def test_a_bad_answer_gives_no_keys_and_is_not_asked_for_again_at_once(
    keys: JwksCache, provider: IdentityProvider, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    provider.key_answer = answer
    for _ in range(3):
        assert (await keys.current(KNOWN)).keys == {}
    assert provider.key_requests == 1
    assert "keys cannot be fetched" in caplog.text


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"kty": "EC", "kid": "ES256"},
        {"kty": "EC", "kid": "ES256", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "ES256", "n": "!!", "e": "AQAB"},
        {"kty": "oct", "kid": "ES256", "k": "c2VjcmV0"},
        {"kty": "new", "kid": "ES256"},
        {"kty": "OKP", "kid": "ES256", "crv": "Ed25519", "x": 1},
    ],
    ids=["null", "empty", "nothing", "no point", "no number", "secret", "unknown", "no text"],
)
async def test_a_broken_key_spoils_none_of_the_others(keys: JwksCache, provider: IdentityProvider, entry: Any) -> None:
    provider.key_answer = JSONResponse({"keys": [entry, *provider.key_set()["keys"]]})
    assert KNOWN in (await keys.current(KNOWN)).keys


async def test_a_provider_that_never_answers_is_given_up(
    keys: JwksCache, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "TIMEOUT_SECONDS", 0.2)
    provider.delay = 1.0
    started = time.monotonic()
    assert (await keys.current(KNOWN)).keys == {}
    assert time.monotonic() - started < 0.9
