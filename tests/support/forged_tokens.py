"""Tokens that must be refused, each valid except for one fault."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.servers.identity_provider import AUDIENCE, segment, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.identity_provider import IdentityProvider

    Forgery = Callable[[IdentityProvider], str]


def parts(provider: IdentityProvider) -> list[str]:
    return provider.token().split(".")


def with_key(name: str, provider: IdentityProvider) -> str:
    """Return a token signed by the forger's own key, with the header field `name` that is to supply that key."""
    own = RSAKey.generate_key(2048)
    brought: Any = own.as_dict(private=False) if name == "jwk" else f"{provider.issuer}/keys"
    return provider.token("RS256", {name: ["AAAA"] if name == "x5c" else brought}, own)


def raw(
    provider: IdentityProvider,
    header: dict[str, Any] | bytes,
    claims: bytes | None = None,
    algorithm: str = "ES256",
    key: Any = None,
) -> str:
    """Sign a wrong header or wrong claims with the right key, or with another `key`."""
    changed = header if isinstance(header, bytes) else {"alg": algorithm, "kid": "ES256", "typ": "at+jwt", **header}
    return sign(changed, claims or provider.claims(), algorithm, key or provider.keys[algorithm])


def unsigned(algorithm: str, provider: IdentityProvider) -> str:
    return f"{segment({'alg': algorithm, 'kid': 'ES256', 'typ': 'at+jwt'})}.{parts(provider)[1]}."


def hashed_with_the_public_key(provider: IdentityProvider) -> str:
    text = f"{segment({'alg': 'HS256', 'kid': 'RS256', 'typ': 'at+jwt'})}.{segment(provider.claims())}"
    return f"{text}.{segment(hmac.digest(provider.keys['RS256'].as_bytes(private=False), text.encode(), 'sha256'))}"


def encrypted(provider: IdentityProvider) -> str:
    header = {"alg": "RSA-OAEP", "enc": "A128GCM", "kid": "RS256", "cty": "JWT"}
    return jwe.encrypt_compact(header, provider.token(), provider.keys["RS256"], ["RSA-OAEP", "A128GCM"])


def not_canonical(provider: IdentityProvider) -> str:
    """Return a valid token with another encoding of its signature: the last character has unused bits."""
    token = provider.token("EdDSA")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


def claiming(provider: IdentityProvider, **changes: Any) -> bytes:
    return json.dumps(provider.claims(**changes)).encode()


def later(seconds: int) -> int:
    return int(time.time()) + seconds


def flipped(text: str) -> str:
    changed = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    changed[10] ^= 1
    return segment(bytes(changed))


#: Each is right in all but what its name says.
FORGERIES: dict[str, Forgery] = {
    "expired": lambda p: p.token(exp=later(-31)),
    "expired long ago": lambda p: p.token(exp=0),
    "never expiring": lambda p: p.token(exp=None),
    "expiring at a text": lambda p: p.token(exp="tomorrow"),
    "expiring at no number": lambda p: raw(p, {}, claiming(p, exp=float("nan"))),
    "expiring at true": lambda p: p.token(exp=True),
    "not valid yet": lambda p: p.token(nbf=later(60)),
    "issued in the future": lambda p: p.token(iat=later(60)),
    "no algorithm": lambda p: unsigned("none", p),
    "no algorithm, in capitals": lambda p: unsigned("NONE", p),
    "no signature": lambda p: unsigned("ES256", p),
    "algorithm in a list": lambda p: raw(p, {"alg": ["ES256"]}),
    "type in a list": lambda p: raw(p, {"typ": ["at+jwt"]}),
    "algorithm in small letters": lambda p: raw(p, {"alg": "es256"}),
    "hashed with the public key": hashed_with_the_public_key,
    "signed by another RSA key": lambda p: p.token("RS256", key=RSAKey.generate_key(2048)),
    "signed by another EC key": lambda p: p.token("ES256", key=ECKey.generate_key("P-256")),
    "signed by another Ed25519 key": lambda p: p.token("EdDSA", key=OKPKey.generate_key("Ed25519")),
    "unknown key ID": lambda p: p.token(header={"kid": "unknown"}),
    "no key ID": lambda p: p.token(header={"kid": None}),
    "key ID that is a number": lambda p: raw(p, {"kid": 1}),
    "key ID of another algorithm's key": lambda p: p.token("ES256", {"kid": "RS256"}),
    "a key that is too weak": lambda p: raw(p, {"kid": "weak"}, None, "RS256", p.keys["weak"]),
    "a key for encryption": lambda p: raw(p, {"kid": "encryption"}, None, "ES256", p.keys["encryption"]),
    "a key for another algorithm": lambda p: raw(p, {"kid": "other"}, None, "RS256", p.keys["other"]),
    "algorithm of another key": lambda p: raw(p, {"alg": "RS256"}),
    "crit": lambda p: raw(p, {"crit": ["exp"], "exp": 1}),
    "crit of a known extension": lambda p: raw(p, {"crit": ["b64"], "b64": True}),
    "embedded key": lambda p: with_key("jwk", p),
    "address of a key set": lambda p: with_key("jku", p),
    "address of a certificate": lambda p: with_key("x5u", p),
    "embedded certificate": lambda p: with_key("x5c", p),
    "another issuer": lambda p: p.token(iss="https://id.example.org"),
    "issuer with a slash": lambda p: p.token(iss=f"{p.issuer}/"),
    "issuers in a list": lambda p: p.token(iss=[p.issuer]),
    "no issuer": lambda p: p.token(iss=None),
    "another audience": lambda p: p.token(aud="another"),
    "the audience in capitals": lambda p: p.token(aud=AUDIENCE.upper()),
    "other audiences": lambda p: p.token(aud=["another", "more"]),
    "audience that is an object": lambda p: p.token(aud={AUDIENCE: True}),
    "no audience": lambda p: p.token(aud=None),
    "no subject": lambda p: p.token(sub=None),
    "empty subject": lambda p: p.token(sub=""),
    "subject that is a number": lambda p: p.token(sub=1),
    "subject with a NUL": lambda p: p.token(sub="person-1\x00"),
    "subject with half a surrogate pair": lambda p: raw(p, {}, claiming(p, sub="\ud800")),
    "endless subject": lambda p: p.token(sub="x" * 3000),
    "unknown subject": lambda p: p.token(sub="person-2"),
    "unknown subject and unverified address": lambda p: p.token(sub="person-2", email="person@example.org"),
    "type of another kind of token": lambda p: p.token(header={"typ": "logout+jwt"}),
    "no type": lambda p: p.token(header={"typ": None}),
    "RS384": lambda p: raw(p, {"kid": "RS256"}, None, "RS384", p.keys["RS256"]),
    "RS512": lambda p: raw(p, {"kid": "RS256"}, None, "RS512", p.keys["RS256"]),
    "PS256": lambda p: raw(p, {"kid": "RS256"}, None, "PS256", p.keys["RS256"]),
    "ES384": lambda p: raw(p, {}, None, "ES384", ECKey.generate_key("P-384")),
    "ES256K": lambda p: raw(p, {}, None, "ES256K", ECKey.generate_key("secp256k1")),
    "Ed448": lambda p: raw(p, {"kid": "Ed448"}, None, "EdDSA", p.keys["Ed448"]),
    "another issuer and a known address": lambda p: p.token(
        iss="https://id.example.org", email="unlinked@example.org", email_verified=True
    ),
    "the newer name of EdDSA": lambda p: raw(p, {"kid": "EdDSA"}, None, "Ed25519", p.keys["EdDSA"]),
    "truncated": lambda p: p.token()[:-10],
    "one segment less": lambda p: ".".join(parts(p)[:2]),
    "one segment more": lambda p: p.token() + ".AAAA",
    "empty segments": lambda _: "..",
    "swapped header": lambda p: f"{p.token('EdDSA').split('.')[0]}.{'.'.join(parts(p)[1:])}",
    "swapped claims": lambda p: f"{parts(p)[0]}.{segment(p.claims(scope='more'))}.{parts(p)[2]}",
    "claims changed by one bit": lambda p: f"{parts(p)[0]}.{flipped(parts(p)[1])}.{parts(p)[2]}",
    "leading space": lambda p: f" {p.token()}",
    "space within": lambda p: p.token().replace(".", ". ", 1),
    "padded": lambda p: f"{p.token('EdDSA')}==",
    "not canonical": not_canonical,
    "bad base64": lambda p: f"{parts(p)[0]}.{parts(p)[1]}.!!!",
    "standard base64": lambda p: f"{parts(p)[0]}.{parts(p)[1]}.{parts(p)[2][:-2]}+/",
    "header that is no JSON": lambda p: raw(p, b"{"),
    "header that is a list": lambda p: raw(p, b"[]"),
    "header nested without end": lambda p: raw(p, b"[" * 3000),
    "header with a key twice": lambda p: raw(p, b'{"alg":"none","alg":"ES256","kid":"ES256","typ":"at+jwt"}'),
    "claims that are no JSON": lambda p: raw(p, {}, b"{"),
    "claims that are a list": lambda p: raw(p, {}, b"[]"),
    "claims that are no UTF-8": lambda p: raw(p, {}, json.dumps(p.claims())[:-1].encode() + b', "x": "\xff"}'),
    "claims with a key twice": lambda p: raw(p, {}, json.dumps(p.claims())[:-1].encode() + b', "sub": "person-1"}'),
    "huge": lambda p: p.token(padding="x" * 9000),
    "encrypted": encrypted,
    "plain text": lambda _: "let me in",
    "empty": lambda _: "",
}
