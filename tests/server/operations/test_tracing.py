"""Traces: a collector receives a span for each request and each statement, without any value."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.testclient import TestClient

from server.app import build_app
from server.config.settings import load_settings
from tests.support.accounts import bearing, enter_with_token

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "whatIsWritten"  # noqa: S105 - it is in the request, and must not be in a span
QUERY = (
    f'query Named($code: String!) {{ participant(code: $code) {{ code }} o: participant(code: "{SECRET}") {{ code }} }}'
)
CHANGE = 'mutation Change { createMilestone(input: {groupId: "x", title: "%s", dueOn: "2026-01-01"}) { __typename } }'


@contextmanager
def collecting() -> Iterator[tuple[str, list[Any]]]:
    """Yield the address of a collector of OTLP, and the list of the spans that it gets."""
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the name of the overridden method
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", spans
        finally:
            server.shutdown()
            thread.join()


def test_each_request_and_each_statement_is_a_span_without_any_value(url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    token = enter_with_token(url).text
    with collecting() as (endpoint, spans):
        app = build_app(load_settings(database_url=url, otlp_endpoint=endpoint))
        with TestClient(app) as client:
            client.headers.update(bearing(token))
            sent = {"query": QUERY, "variables": {"code": SECRET}}
            answers = [client.post("/graphql", json=sent) for _ in range(2)]
            assert [answer.json()["data"] for answer in answers] == [{"participant": None, "o": None}] * 2
            client.post("/graphql", json={"query": CHANGE % SECRET})
            client.post("/graphql", json={"query": QUERY}, headers={"authorization": "Bearer itc_no"})
    requests = [span for span in spans if not span.parent_span_id]
    named = [(span.name, facts(span)["http.response.status_code"]) for span in requests if facts(span)]
    assert named == [("query Named", 200), ("query Named", 200), ("mutation Change", 200), ("other", 401)]
    children = [span.name for span in spans if span.parent_span_id == requests[-4].span_id]
    assert "SELECT" in children
    assert {span.name for span in spans} >= {"SELECT", "UPDATE api_tokens"}
    assert facts(requests[-3])["coalition.request_id"] == answers[1].headers["x-request-id"]
    assert [text for text in (SECRET, token, url) if text in str(spans)] == []


def facts(span: Any) -> dict[str, Any]:
    """Return the attributes of a span that are one value."""
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    program = "import sys, server.app; sys.exit(bool({'opentelemetry', 'prometheus_client'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
