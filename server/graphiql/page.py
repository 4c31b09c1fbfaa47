"""Serves the built pages from our own origin: GraphiQL for a browser, and the files that the pages load."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import BaseRoute, Route

from server.auth.credentials import LOGIN, LOGOUT, cookie_of
from server.config.urls import names_loopback
from server.graphiql.build import BUILDS, COMMAND, newest_build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from server.config.settings import Settings

SERVED = re.compile(r"[0-9a-f]{16}/[\w.-]+\.(css|js|ttf)", re.ASCII)
MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "ttf": "font/ttf"}
NOT_BUILT = f"GraphiQL is not built: run `{COMMAND}`, then load this page again. The API works without it."
TITLE = "IT Coalition API"
DEMO_TITLE = f"{TITLE}: demo, what begins with DEMO- is fictional"
# Monaco writes its colours and sizes into style elements, and draws some icons from data: URLs.
POLICY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
%3Crect width='16' height='16' rx='4' fill='%231d4f91'/%3E\
%3Cpath d='M4.5 4.5v7M7.5 4.5h5M10 4.5v7' stroke='white' stroke-width='1.8'/%3E%3C/svg%3E">
{head}
</head>
<body>{body}</body>
</html>
"""


def graphiql_response(request: Request, settings: Settings) -> Response:
    """Return the page for a browser that opens the API's address; without a build, it says how to build GraphiQL."""
    return built_page(
        request,
        "graphiql",
        title=DEMO_TITLE if settings.demo_personas else TITLE,
        offered=offered_identities(request, settings),
        body='<div id="graphiql"></div>\n<noscript>GraphiQL needs JavaScript; the API does not.</noscript>',
    )


def built_page(request: Request, name: str, *, title: str, offered: dict[str, Any], body: str) -> Response:
    """Return the page with this name of the newest build, with the data that it is offered.

    Without a build, it is a page that says how to build it.
    """
    build = newest_build()
    if build is None:
        page = PAGE.format(title=title, head="", body=f"<p>{escape(NOT_BUILT)}</p>")
    else:
        files = json.loads((build / "manifest.json").read_text(encoding="utf-8"))[name]
        folder = escape(f"{request.scope.get('root_path', '')}/graphiql/{build.name}")
        page = PAGE.format(
            title=title,
            head=f'<meta name="coalition" content="{escape(json.dumps(offered))}">\n'
            f'<link rel="stylesheet" href="{folder}/{files["style"]}">\n'
            f'<script type="module" src="{folder}/{files["script"]}"></script>',
            body=body,
        )
    return HTMLResponse(page, headers={**POLICY, "Cache-Control": "no-store", "Vary": "Accept"})


def offered_identities(request: Request, settings: Settings) -> dict[str, Any]:
    """Return a page's data, such as the sign-in address; as data, because the policy forbids inline scripts."""
    root = request.scope.get("root_path", "")
    offered: dict[str, Any] = {}
    # With any other host name, a page of another site could read the tokens by DNS rebinding.
    hosts = request.headers.getlist("host")
    if len(hosts) == 1 and names_loopback(hosts[0]):
        offered["personas"] = [persona.model_dump() for persona in settings.demo_personas]
    if settings.oidc_client_id is not None:
        offered |= {"signIn": f"{root}{LOGIN}", "signOut": f"{root}{LOGOUT}", "signedIn": bool(cookie_of(request))}
    if settings.trusted_documents_only:
        offered["trustedOnly"] = True
    return offered


async def _file(request: Request) -> Response:
    served = SERVED.fullmatch(request.path_params["path"])
    path = BUILDS / request.path_params["path"]
    if served is None or not path.is_file():
        raise HTTPException(404)
    # The URL contains a hash of the content. A worker obeys the policy of its own file, not that of the page.
    headers = {**POLICY, "Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type=MEDIA_TYPES[served[1]], headers=headers)


graphiql_routes: Sequence[BaseRoute] = (
    Route("/graphiql/{path:path}", _file, middleware=[Middleware(GZipMiddleware, compresslevel=6)]),
)
