"""Verifies the identity provider's signed JWTs."""

from __future__ import annotations

import json
import re
import time
import warnings
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from resolvers.core.json_objects import unique_keys
from resolvers.identity.account_linking import Identity
from resolvers.identity.token_format import digest_of

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from server.auth.jwks import JwksCache
    from server.config.settings import Settings

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
LEEWAY_SECONDS = 30
MAX_CHARACTERS = 8192
MAX_NAME_CHARACTERS = 255
MAX_REMEMBERED = 10_000
COMPACT = re.compile(r"([\w-]+)\.([\w-]+)\.([\w-]+)", re.ASCII)
# Each of these brings its own key or processing rule, which this server must not use.
REFUSED_HEADERS = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u", "zip", "enc"})
ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
# Some providers omit the type of an ID token; its nonce distinguishes it from an access token.
ID_TOKEN_TYPES = frozenset({"jwt", ""})


class JwtHeader(NamedTuple):
    """The parsed header of a token, not verified yet."""

    key_id: str
    algorithm: str
    type: str


class JwtVerifier:
    """Verifies the tokens of one provider, and caches the verified tokens until they expire."""

    def __init__(self, settings: Settings, keys: JwksCache) -> None:
        self._issuer = settings.oidc_issuer or ""
        self._audience = settings.oidc_audience or ""
        self._client = settings.oidc_client_id or ""
        self._keys = keys
        self._remembered: OrderedDict[tuple[str, str], tuple[float, Identity]] = OrderedDict()

    async def verify_access_token(self, token: str) -> Identity | None:
        """Return the identity in an access token; None if the token is not valid."""
        digest = digest_of(token)
        known = self._remembered.get(((await self._keys.current()).fingerprint, digest))
        if known is not None and time.time() < known[0]:
            return known[1]
        claims = await self._claims(token, self._audience, ACCESS_TOKEN_TYPES)
        if claims is None:
            return None
        identity = _identity(claims)
        # The cache key includes the fingerprint: when the provider revokes a key, all tokens are verified again.
        self._remembered[((await self._keys.current()).fingerprint, digest)] = (
            claims["exp"] + LEEWAY_SECONDS,
            identity,
        )
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return identity

    async def verify_id_token(self, token: str, nonce: str) -> Identity | None:
        """Return the identity in an ID token; None if the token is not valid or belongs to another sign-in."""
        claims = await self._claims(token, self._client, ID_TOKEN_TYPES)
        if claims is None or claims.get("nonce") != nonce or "iat" not in claims:
            return None
        return _identity(claims) if self._was_made_for_us(claims) else None

    def _was_made_for_us(self, claims: dict[str, Any]) -> bool:
        """Return whether an ID token names this server as its only audience and as the party that requested it.

        OpenID Connect Core 1.0, section 3.1.3.7: an audience that is not trusted could leak the token or use it
        elsewhere.
        """
        audience = claims["aud"]
        named = audience if isinstance(audience, list) else [audience]
        usual = self._client if len(named) == 1 else None
        return (
            all(name in (self._client, self._audience) for name in named) and claims.get("azp", usual) == self._client
        )

    async def _claims(self, token: str, audience: str, types: frozenset[str]) -> dict[str, Any] | None:
        parts = _read_header(token)
        if parts is None or parts.type not in types:
            return None
        wanted = (parts.key_id, parts.algorithm)
        key = (await self._keys.current(wanted)).keys.get(wanted)
        if key is None:
            return None
        try:
            claims = _object(_verified(token, key, parts.algorithm))
            self._expected(audience).validate(claims)
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError):
            return None
        return claims if all(_is_name(claims[name]) for name in ("iss", "sub")) else None

    def _expected(self, audience: str) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )


def _read_header(token: str) -> JwtHeader | None:
    """Return the header of a token; None if it is malformed or has a header or algorithm that we do not accept."""
    segments = COMPACT.fullmatch(token)
    if segments is None:
        return None
    try:
        header = _object(urlsafe_b64decode(segments[1].encode()))
    except (ValueError, RecursionError):
        return None
    key_id, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "")
    if not isinstance(key_id, str) or not isinstance(algorithm, str) or not isinstance(kind, str):
        return None
    if REFUSED_HEADERS & header.keys() or algorithm not in ALGORITHMS:
        return None
    return JwtHeader(key_id, algorithm, kind.lower())


def _verified(token: str, key: Key, algorithm: str) -> bytes | None:
    """Return the payload of a token that `key` has signed. Raises JoseError or ValueError for any other token."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = MAX_CHARACTERS
    with warnings.catch_warnings():
        # It warns about the name EdDSA, but few providers use the newer name Ed25519 yet.
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.deserialize_compact(token, key, registry=registry).payload


def _is_name(claim: str) -> bool:
    """Return whether a claim can be compared with stored values: both engines accept it, and it is short enough."""
    return len(claim) <= MAX_NAME_CHARACTERS and claim.isprintable()


def _object(text: bytes | None) -> dict[str, Any]:
    """Return the JSON object in `text`. Raises ValueError if it is not an object or has a duplicate key."""
    found = json.loads((text or b"").decode("utf-8"), object_pairs_hook=unique_keys)
    if not isinstance(found, dict):
        raise ValueError(text)  # noqa: TRY004 - the token is invalid, not the type of an argument
    return found


def _identity(claims: dict[str, Any]) -> Identity:
    email = claims.get("email")
    verified = claims.get("email_verified") is True and isinstance(email, str) and _is_name(email)
    return Identity(claims["iss"], claims["sub"], email if verified else None)
