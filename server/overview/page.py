"""Serves the overview, the page at `/`.

The page is a client: it sends GraphQL to the API as its viewer and has no data of its own. Its sources are in
`clients/overview/`, and the build of GraphiQL builds it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from server.graphiql.page import built_page, offered_identities

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from server.config.settings import Settings

PATH = "/"
TITLE = "IT Coalition"
BODY = '<div id="page"></div>\n<noscript>This page needs JavaScript; the API at /graphql does not.</noscript>'


def overview_route(settings: Settings, api: str) -> Route:
    """Return the route of the page; `api` is the path of the API below the root of the application."""

    async def overview(request: Request) -> Response:
        offered = {"api": f"{request.scope.get('root_path', '')}{api}", **offered_identities(request, settings)}
        return built_page(request, "overview", title=TITLE, offered=offered, body=BODY)

    return Route(PATH, overview)
