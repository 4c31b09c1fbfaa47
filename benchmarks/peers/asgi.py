"""Serves an application of ASGI as ours is served: the same uvicorn, with the same settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.config.settings import load_settings
from server.startup.serve import open_socket, prepare, run

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def serve(app: ASGIApp, port: int, url: str) -> None:
    """Serve until a signal ends it."""
    settings = load_settings(database_url=url, port=port, log_level="warning")
    config = prepare(settings)
    # What was loaded, ours, never starts: it opens no database.
    loaded: Any = app
    config.loaded_app = loaded
    run(config, open_socket(settings.host, settings.port))
