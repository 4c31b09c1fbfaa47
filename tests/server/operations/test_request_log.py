"""The log of a real server: a line of JSON for each refusal, with facts and no content of the request."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import httpx2
import structlog

from resolvers.identity.token_format import new_token
from server.config.settings import load_settings
from server.startup.logging_setup import configure_logging
from tests.servers.processes import serving
from tests.support.accounts import bearing, enter_with_token

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.servers.databases import Databases

SECRET = "whatIsWritten"  # noqa: S105 - it is in the request, and must not be in the log
UNKNOWN = "query Unknown($secret: String) { nothing(secret: $secret) }"
NAMED = "query Named($code: String!) { participant(code: $code) { code } }"
CHANGE = 'mutation Change { createMilestone(input: {groupId: "x", title: "%s", dueOn: "2026-01-01"}) { __typename } }'


def entries(logged: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.splitlines()]


def test_each_refusal_is_a_line_with_facts_and_without_content(sqlite_databases: Databases, tmp_path: Path) -> None:
    with sqlite_databases.migrated() as url:
        token, unknown = enter_with_token(url).text, new_token()
        settings = {"max_cost": "100", "cost_per_second": "1", "log_requests": "all", "database_url": url}
        with serving(cwd=tmp_path, code=None, **settings) as server:
            used = bearing(token)
            named = {"query": NAMED, "variables": {"code": SECRET}}
            ids = [
                httpx2.post(server.address, json=sent, headers=headers).headers.get("x-request-id")
                for sent, headers in [
                    (named, bearing(unknown)),
                    (named, used),
                    (named, used),
                    (named, used),
                    ({"query": UNKNOWN, "variables": {"secret": SECRET}}, used),
                    ({"query": CHANGE % SECRET}, used),
                    *[({"query": "{ participants(first: 70) { nodes { code } } }"}, used)] * 2,
                ]
            ]
            path = server.address.replace("/graphql", f"/documents/{SECRET}/versions/{SECRET}")
            httpx2.get(path, headers=used)
            server.process.terminate()
            logged = server.process.communicate(timeout=20)[1]
    found = entries(logged)
    requests = [entry for entry in found if entry["logger"] == "server.monitoring.monitor"]
    facts = [(entry["status"], entry["kind"], entry.get("operation"), entry.get("codes", [])) for entry in requests]
    assert facts[:6] == [
        (401, "other", None, ["UNAUTHENTICATED"]),
        *[(200, "query", "Named", [])] * 3,
        (200, "other", None, ["GRAPHQL_VALIDATION_FAILED"]),
        (200, "mutation", "Change", ["FORBIDDEN"]),
    ]
    assert facts[6:8] == [(200, "query", None, []), (429, "query", None, ["RATE_LIMITED"])]
    assert facts[8][1] == "download"
    assert [entry["request_id"] for entry in requests[1:8]] == ids[1:]
    assert [entry["level"] for entry in requests[:2]] == ["warning", "info"]
    assert (requests[0]["client"], "account" in requests[0]) == ("127.0.0.1", False)
    assert ("client" in requests[1], len(requests[1]["account"])) == (False, 36)
    assert all(entry["seconds"] > 0 for entry in requests)
    assert [text for text in (SECRET, token, unknown, "Bearer", "nothing(") if text in logged] == []


def test_people_get_text_and_no_line_shows_a_variable_of_the_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = SECRET
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = {}
    try:
        for chosen in ("json", "text"):
            monkeypatch.setenv("COALITION_LOG_FORMAT", chosen)
            configure_logging(load_settings())
            try:
                int(secret[:0])
            except ValueError:
                logging.getLogger("some.where").exception("it failed", extra={"account": "a", "token": secret})
            lines[chosen] = capsys.readouterr().err
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()
    entry = json.loads(lines["json"])
    assert (entry["event"], entry["level"], entry["logger"], entry["account"]) == (
        "it failed",
        "error",
        "some.where",
        "a",
    )
    assert "Traceback" in entry["exception"]
    assert lines["text"].splitlines()[0].endswith("account=a")
    assert "it failed" in lines["text"]
    assert [text for text in lines.values() if SECRET in text] == []
