"""OpenTelemetry spans: one for each request, and one for each statement of the database.

Imported only if an endpoint for traces is set; without one, a request runs no line of this. A span has only names and
numbers: no SQL, whose text can contain a value of the document, and no variables. The SDK reads its own variables, such
as OTEL_TRACES_SAMPLER.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from sqlalchemy import event

from server.http.request_ids import request_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.trace import Span, Tracer
    from sqlalchemy import Engine
    from starlette.types import ASGIApp, Receive, Scope, Send

    from resolvers.database.reader import QueryRunner
    from server.monitoring.exchange import Exchange

#: The path for traces of OTLP over HTTP, below the endpoint.
TRACES = "/v1/traces"
#: The command of a statement, and the table that it changes.
COMMAND = re.compile(r"\s*(\w+)(?:\s+(?:INTO|FROM))?\s+(\w+)?")
SERVER_ERROR = 500


class Tracing:
    """The tracer of a worker."""

    def __init__(self, endpoint: str, version: str) -> None:
        """Send spans to the collector at `endpoint`, an address of OTLP over HTTP such as `http://127.0.0.1:4318`."""
        resource = Resource.create({"service.name": "coalition", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}{TRACES}")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("coalition")

    def app(self, app: ASGIApp) -> ASGIApp:
        """Return an application that answers each request of another one in a span."""
        return TracedApplication(app, self._tracer)

    def runner(self, runner: QueryRunner) -> QueryRunner:
        """Return a runner that makes a span for each compiled query."""
        return TracedRunner(runner, self._tracer)

    def engine(self, engine: Engine) -> None:
        """Make a span for each statement of an engine."""
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._fail)

    def close(self) -> None:
        """Send the remaining spans; blocks until the collector has them, or a timeout."""
        self._provider.shutdown()

    def _begin(self, _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        found = COMMAND.match(statement)
        command = found[1].upper() if found else "SQL"
        table = f" {found[2]}" if found and found[2] and command in {"INSERT", "UPDATE", "DELETE"} else ""
        context.coalition_span = self._tracer.start_span(f"{command}{table}", kind=SpanKind.CLIENT)

    def _end(self, _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: Any) -> None:
        context.coalition_span.end()

    def _fail(self, context: Any) -> None:
        span: Span | None = getattr(context.execution_context, "coalition_span", None)
        if span is not None:
            span.set_status(Status(StatusCode.ERROR, type(context.original_exception).__name__))
            span.end()


class TracedApplication:
    """An application with a span for each request. Each trace begins here: a client does not choose the sample."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        with self._tracer.start_as_current_span(scope["method"], kind=SpanKind.SERVER):
            await self._app(scope, receive, send)


class TracedRunner:
    """A runner of compiled queries that makes a span for each."""

    def __init__(self, runner: QueryRunner, tracer: Tracer) -> None:
        self._runner = runner
        self._tracer = tracer

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str:
        """Return what the other runner returns."""
        with self._tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT, record_exception=False):
            return await self._runner.fetch_text(sql, values)

    @property
    def connections(self) -> tuple[int, int]:
        """The connections of the other runner."""
        return self._runner.connections

    async def close(self) -> None:
        """Close the other runner."""
        await self._runner.close()


def describe(exchange: Exchange, status: int, codes: Sequence[str]) -> None:
    """Add the facts of a request to its span, the current one."""
    span = get_current_span()
    span.update_name(f"{exchange.kind} {exchange.operation}" if exchange.operation else exchange.kind)
    facts = {
        "coalition.request_id": request_id(),
        "coalition.kind": exchange.kind,
        "coalition.operation": exchange.operation,
        "coalition.account": exchange.account,
        "coalition.cost": exchange.cost.requested if exchange.cost else None,
        "coalition.codes": [*codes],
        "http.response.status_code": int(status),
    }
    span.set_attributes({name: value for name, value in facts.items() if value is not None})
    if status >= SERVER_ERROR:
        span.set_status(Status(StatusCode.ERROR))
