"""An identity provider for tests, over HTTP on this machine: keys, and the authorization code flow with PKCE.

It is as strict as a good provider. It returns wrong values only if a test sets them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import uvicorn
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

AUDIENCE = "coalition-api"
CLIENT_ID = "coalition-browser"
CLIENT_SECRET = "hunter2-of-the-client"  # noqa: S105  # it stands for one, to see that none leaks
ALGORITHMS = ("RS256", "ES256", "EdDSA")


@cache
def _keys() -> dict[str, Any]:
    # Made once: the two long RSA keys take as long as all else that a provider does for a test.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    return {
        "weak": weak,
        "encryption": ECKey.generate_key("P-256", {"kid": "encryption", "use": "enc"}),
        "Ed448": OKPKey.generate_key("Ed448", {"kid": "Ed448"}),
        "other": RSAKey.generate_key(2048, {"kid": "other", "alg": "RS512"}),
        "RS256": RSAKey.generate_key(2048, {"kid": "RS256"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "ES256"}),
        "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "EdDSA"}),
    }


def segment(value: object) -> str:
    """Return a part of a token in base64url: bytes unchanged, any other value as JSON."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(header: object, claims: object, algorithm: str, key: Any) -> str:
    """Sign any header and any claims, without the checks of a library."""
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{segment(JWSRegistry.algorithms[algorithm].sign(text.encode(), key))}"


@dataclass
class IdentityProvider:
    """A running provider: its keys and its person, the requests so far, and the wrong values that it returns."""

    issuer: str = ""
    #: A key for each algorithm, by the algorithm's name, which is the key's ID as well, and some of no use.
    keys: dict[str, Any] = field(default_factory=lambda: dict(_keys()))
    person: dict[str, Any] = field(default_factory=dict)
    #: Claims of the next ID token that differ from the right ones; None leaves one out.
    lies: dict[str, Any] = field(default_factory=dict)
    key_answer: Response | None = None
    delay: float = 0.0
    key_requests: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a server that uses this provider."""
        return {
            "oidc_issuer": self.issuer,
            "oidc_audience": AUDIENCE,
            "oidc_jwks_url": f"{self.issuer}/keys",
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
        }

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a valid access token, with `changes`; None leaves a claim out."""
        moment = int(time.time())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": "person-1", "iat": moment, "exp": moment + 300}
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def token(
        self, algorithm: str = "ES256", header: dict[str, Any] | None = None, key: Any = None, **changes: Any
    ) -> str:
        """Return a signed access token; `header` and `changes` change its header and claims, `key` replaces its key."""
        full = {"alg": algorithm, "kid": algorithm, "typ": "at+jwt", **(header or {})}
        full = {name: value for name, value in full.items() if value is not None}
        return sign(full, self.claims(**changes), algorithm, key or self.keys[algorithm])

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as the provider publishes them."""
        return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}

    def app(self) -> Starlette:
        """Return the provider as an application."""
        return Starlette(
            routes=[
                Route("/keys", self._keys),
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _keys(self, _request: Request) -> Response:
        self.key_requests += 1
        if self.delay:
            time.sleep(self.delay)  # noqa: ASYNC251 - it has a thread and a loop of its own
        return self.key_answer or JSONResponse(self.key_set())

    async def _configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.lies.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert asked["nonce"]
        code = token_urlsafe(16)
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}")

    async def _token(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        credentials = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        right = (
            asked is not None
            and asked["code_challenge"] == challenge.decode()
            and asked["redirect_uri"] == given["redirect_uri"]
            and request.headers["authorization"] == f"Basic {credentials}"
        )
        if asked is None or not right:
            return JSONResponse({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        claims = {"aud": CLIENT_ID, "nonce": asked["nonce"], **self.person, **self.lies}
        lie = self.lies.get("key")
        token = self.token("RS256", {"typ": "JWT"}, lie, **{key: claims[key] for key in claims.keys() - {"key"}})
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": token})


@contextmanager
def providing() -> Iterator[IdentityProvider]:
    """Run a provider on a free port of this machine, for as long as the block lasts."""
    provider = IdentityProvider()
    with listening(provider.app()) as address:
        provider.issuer = address
        yield provider


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """Serve an application in a thread; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="auto", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
