"""The OpenID Connect client for the sign-in of browsers: the authorization address and the exchange of the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

from resolvers.core.ttl_cache import TTLCache
from server.auth.jwks import TIMEOUT_SECONDS, ProviderError, fetch_json
from server.config.urls import check_address

if TYPE_CHECKING:
    from server.config.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
DISCOVERED_SECONDS = 3600
SCOPE = "openid email"


class Endpoints(NamedTuple):
    """The endpoints that the provider publishes, and the authentication method for tokens."""

    authorization: str
    token: str
    authentication: str


class LoginAttempt(NamedTuple):
    """The random values of one sign-in; none can be guessed from another."""

    state: str
    nonce: str
    verifier: str


class OidcClient:
    """The client of the provider in the settings; it fetches the provider's endpoints once an hour."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer or ""
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret
        self._discovered: TTLCache[Endpoints] = TTLCache(DISCOVERED_SECONDS, 1)

    async def authorization_address(self, attempt: LoginAttempt, back: str) -> str:
        """Return the address of the provider's sign-in page, which redirects to the address `back`.

        Raises ProviderError if the provider cannot be reached.
        """
        endpoints = await self._endpoints()
        async with self._client(endpoints, back) as client:
            address, _ = client.create_authorization_url(
                endpoints.authorization, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(address)

    async def exchange(self, code: str, attempt: LoginAttempt, back: str) -> str:
        """Return the ID token for an authorization code; the token is not verified yet.

        Raises ProviderError if the provider returns no ID token.
        """
        endpoints = await self._endpoints()
        try:
            with anyio.fail_after(TIMEOUT_SECONDS):
                async with self._client(endpoints, back) as client:
                    answer = await client.fetch_token(
                        endpoints.token, grant_type="authorization_code", code=code, code_verifier=attempt.verifier
                    )
        except (AuthlibBaseError, TimeoutError, httpx2.HTTPError, ValueError) as error:
            # Only the type: the provider's message can contain the code.
            message = f"the code was not exchanged: {type(error).__name__}"
            raise ProviderError(message) from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            message = "the provider returned no ID token for the code"
            raise ProviderError(message)
        return token

    def _client(self, endpoints: Endpoints, back: str) -> Any:
        # Any, because the library has no types.
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=endpoints.authentication if self._client_secret else "none",
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )

    async def _endpoints(self) -> Endpoints:
        found = await self._discovered.get(self._issuer, self._discover)
        if found is None:
            message = "the provider publishes no configuration"
            raise ProviderError(message)
        return found

    async def _discover(self) -> Endpoints:
        found, _ = await fetch_json(self._issuer.rstrip("/") + DISCOVERY)
        # Otherwise one provider could impersonate another.
        if found.get("issuer") != self._issuer:
            message = "the issuer that the provider publishes differs from COALITION_OIDC_ISSUER"
            raise ProviderError(message)
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        try:
            return Endpoints(
                check_address(str(found.get("authorization_endpoint"))),
                check_address(str(found.get("token_endpoint"))),
                "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post",
            )
        except ValueError:
            message = "the provider publishes no usable endpoints"
            raise ProviderError(message) from None
