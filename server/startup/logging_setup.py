"""Logging: one line per event on standard error, as JSON or, for people, as text.

All code logs with Python's `logging`; structlog renders the records. The values of `extra` become fields of the line,
but only those in `FIELDS`.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from server.http.request_ids import request_id

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

    from server.config.settings import Settings

QUIET = ("uvicorn", "alembic", "aiosqlite", "asyncio", "resolvers.database.unavailable.WatchedPool")
# These log their requests and responses, which contain codes, tokens and cookies.
SECRETIVE = ("authlib", "httpcore2", "httpx2", "joserfc")

#: The fields of a line beside its time, level, logger, event and request ID. No other field is ever logged.
FIELDS = (
    *("kind", "operation", "account", "client", "status", "seconds", "cost", "codes", "rules"),
    *("count", "worker", "exit_code"),
)

#: The paths that are logged unchanged, and those that are logged as a pattern.
PATHS = frozenset({"/", "/graphql", "/livez", "/readyz", "/version", "/auth/login", "/auth/callback", "/auth/logout"})
SHAPES = (
    (re.compile(r"/documents/[^/]+/versions/[^/]+"), "/documents/…/versions/…"),
    (re.compile(r"/graphiql/.*"), "/graphiql/…"),
)


def configure_logging(settings: Settings) -> None:
    """Send every record of at least the settings' level to standard error, in the settings' format."""
    level = settings.log_level
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(settings.log_format))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        # These log each step that they take, which helps only with debugging.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_with_logged_path)
    # It would log each client's invalid query as an error of the server, with its traceback.
    logging.getLogger("strawberry.execution").disabled = True


def logged_path(address: str) -> str:
    """Return the form in which the log shows the address that a client requests.

    The log omits the query string, which can contain a code or a GraphQL query, and unknown paths, because people put
    tokens there by mistake.
    """
    path = address.partition("?")[0]
    known = next((shown for shape, shown in SHAPES if shape.fullmatch(path)), None)
    return known or (path if path in PATHS else "/…")


def _formatter(chosen: str) -> logging.Formatter:
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        ExtraAdder(allow=FIELDS),
        _add_request_id,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    if chosen == "text" or (chosen == "auto" and is_terminal):
        # Not rich's traceback, which shows the values of variables.
        plain = structlog.dev.plain_traceback
        text = structlog.dev.ConsoleRenderer(colors=is_terminal, timestamp_key="time", exception_formatter=plain)
        return _with(common, text)
    return _with(common, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_as_json))


def _with(common: list[Processor], *renderers: Processor) -> logging.Formatter:
    processors = [ProcessorFormatter.remove_processors_meta, *renderers]
    return ProcessorFormatter(foreign_pre_chain=common, processors=processors)


def _as_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _add_request_id(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if (found := request_id()) is not None:
        event["request_id"] = found
    return event


def _with_logged_path(record: logging.LogRecord) -> bool:
    """Replace the address in uvicorn's access record, whose arguments are client, method, address and others."""
    if isinstance(record.args, tuple):
        client, method, address, *others = record.args
        record.args = (client, method, logged_path(str(address)), *others)
    return True
